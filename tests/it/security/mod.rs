//! What an attacker might try.

mod injection;
