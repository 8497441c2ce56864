/* global db, process */
// Run by the image of MongoDB when the data directory is empty: one user per database, who can read and write it and
// nothing else. The key store's is apart, so that whoever can read the documents cannot read the keys.
for (const [user, database, pwd] of [
  ['views', 'creator_dashboards', process.env.VIEWS_PASSWORD],
  ['keys', 'creator_dashboards_keys', process.env.KEYS_PASSWORD],
]) {
  db.getSiblingDB(database).createUser({ user, pwd, roles: [{ role: 'readWrite', db: database }] });
}
