//! Counties of a size, made once by the simulator and kept: ten thousand matters with whole lives, and above that brief ones.
//!
//! A measurement works on a copy, so that the next one begins from the same county.

use std::path::{Path, PathBuf};

use crate::commands::failure::Failure;
use crate::commands::terminal::Terminal;
use crate::county::scenario::CHANGTU;
use crate::county::{self, Progress, Scenario};

/// Matters of the demonstration county; its yearly volumes are scaled from here.
const WHOLE_LIVES: usize = 10_000;

/// A kept county of so many matters, made if it is not there.
pub fn ready(folder: &Path, matters: usize, terminal: &mut Terminal) -> Result<PathBuf, Failure> {
    let kept = folder.join(matters.to_string());
    if kept.exists() {
        return Ok(kept);
    }
    let making = folder.join(format!("{matters}.making"));
    clear(&making)?;
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("建立", folder, &error))?;
    let scenario = scenario(matters)?;
    let mut show = |now: Progress| {
        let what = format!("生成 {matters} 件：{} 次办理", now.acts);
        terminal.progress(u64::from(now.days_done), u64::from(now.days), &what);
    };
    let made = county::make(&making, &scenario, &mut show).map_err(|fault| Failure::because(&fault))?;
    terminal.end_progress();
    terminal.remark(format!(
        "{matters} 件的县已生成：{} 项记录，{:.0} 秒，每秒 {:.0} 项",
        made.acts, made.seconds, made.acts_per_second
    ));
    std::fs::rename(&making, &kept).map_err(|error| Failure::file("移动到", &kept, &error))?;
    Ok(kept)
}

/// The demonstration's scenario with so many matters.
fn scenario(matters: usize) -> Result<Scenario, Failure> {
    let mut scenario = Scenario::embedded(CHANGTU).map_err(|fault| Failure::because(&fault))?;
    let whole = matters.min(WHOLE_LIVES);
    let played: usize = scenario.mediation.counts.iter().sum();
    for count in &mut scenario.mediation.counts {
        *count = *count * whole / played.max(1);
    }
    let years = scenario.scenario.years.len().max(1);
    scenario.mediation.brief = vec![(matters - whole) / years; years];
    Ok(scenario)
}

/// A copy to work on, on the disk before anything is measured: ten gigabytes that the kernel still writes would be part of it.
pub fn copy(kept: &Path, to: &Path) -> Result<(), Failure> {
    clear(to)?;
    copy_folder(kept, to).map_err(|error| Failure::file("复制到", to, &error))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
            std::fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}

/// Takes away what an earlier run left.
pub fn clear(folder: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file("清理", folder, &error)),
        _ => Ok(()),
    }
}
