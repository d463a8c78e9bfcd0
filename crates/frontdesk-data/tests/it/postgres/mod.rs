//! What only PostgreSQL has: its types, its constraints, and a server that can go away.

mod roles;
mod server;
mod streams;
mod trouble;
mod types;
mod violations;
