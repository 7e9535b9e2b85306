//! Processes that are killed, emulators that are away, and the whole stack as a person
//! starts it. `tests/run --quick` leaves these out.

mod described;
mod figures;
mod killed;
mod overrides;
mod sealing;
mod stack;
