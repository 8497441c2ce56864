/** What a new password needs. */
export const NEW_PASSWORD_HINT = 'At least 8 characters, with an upper case letter, a lower case letter and a digit.';
