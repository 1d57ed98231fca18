//! Attacks by values of the list.

mod injection;
