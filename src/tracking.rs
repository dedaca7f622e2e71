//! Who does what by when: the breakdown of a reform into tasks, their deadlines, reports and lights.
//!
//! A task is what its events say: every deed (交办, 签收, 填报, 申请, 批复, 销号 …) is an event with its actor and time, and the
//! state, the deadline in force and the light are computed from them on read. Nothing here is typed in twice.
//!
//! * pure: [`state`] what may follow what · [`due`] deadlines in words and in working days · [`rules`] and [`light`] the
//!   dated rules and what they say today · [`urge`] the next rung of the ladder · [`duty`] cells into duties · [`evidence`]
//!   progress counted from exchanged data · [`plan`] the plan file · [`table`] and [`compare`] a breakdown read from a sheet
//! * deeds: [`act`] one step of one task · [`load`] a plan or a sheet into the store · [`board`] lists and counts ·
//!   [`breakdown`] the table as rows and as a workbook

pub mod act;
pub mod board;
pub mod breakdown;
pub mod compare;
mod counting;
pub mod desk;
pub mod directory;
pub mod due;
pub mod duty;
pub mod event;
pub mod evidence;
pub mod light;
pub mod load;
pub mod period;
pub mod plan;
pub mod rules;
pub mod sheet;
pub mod state;
pub mod stored;
pub mod table;
pub mod urge;

#[cfg(test)]
mod fixture;
