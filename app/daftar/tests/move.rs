//! A country that leaves: exported, taken in on the other engine, and brought back; what erasing leaves behind, and the housekeeper.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

#[path = "it/bed.rs"]
#[expect(dead_code, reason = "the bed serves other tests too")]
mod bed;
#[path = "move/erasure.rs"]
mod erasure;
#[path = "move/keeping.rs"]
mod keeping;
#[path = "move/moving.rs"]
mod moving;
#[path = "move/relocating.rs"]
mod relocating;
#[path = "move/succession.rs"]
mod succession;
