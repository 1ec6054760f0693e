// Everything that differs between machines.
module.exports = {
  title: process.env.SITE_TITLE || 'Harbour Lane help desk',
  database: process.env.DATABASE_URL || 'postgres://localhost/tickets',
  sessionSecret: process.env.SESSION_SECRET || 'only for development',
  uploads: 'uploads'
};
