//! End to end, through the command: the real wave, dirty folders, bad configurations.

mod desk;
mod dirty;
mod faults;
mod wave;
