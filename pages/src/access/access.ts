/** The pages before a login: one module, since each is small. */
export { openLogin } from './login.js';
export { openResetPassword } from './reset-password.js';
export { openVerifyEmail } from './verify-email.js';
