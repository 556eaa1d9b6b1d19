//! What was measured, for people: `performance.md` with its pictures, every number beside the load of its minute and the floor.

use std::fmt::Write as _;
use std::path::Path;

use super::curve::Curve;
use super::report::{OfCounty, Report, Steps};
use crate::commands::failure::Failure;

/// Writes `performance.md` and `pictures/performance-*.svg` below a folder.
pub fn write(report: &Report, folder: &Path) -> Result<(), Failure> {
    let pictures = folder.join("pictures");
    std::fs::create_dir_all(&pictures).map_err(|error| Failure::file("建立", &pictures, &error))?;
    let mut text = head(report);
    text.push_str(&steps(report));
    text.push_str(&pages(report));
    text.push_str(&forms(report));
    text.push_str(&rest(report));
    for (name, curve) in [("clients", of_clients(report)), ("size", of_size(report)), ("pages", of_pages(report))] {
        let path = pictures.join(format!("performance-{name}.svg"));
        std::fs::write(&path, curve.draw()).map_err(|error| Failure::file("写", &path, &error))?;
        let _ = write!(text, "\n![{}](pictures/performance-{name}.svg)\n", curve.title);
    }
    let path = folder.join("performance.md");
    std::fs::write(&path, text).map_err(|error| Failure::file("写", &path, &error))
}

fn head(report: &Report) -> String {
    let short = if report.quick { "\n**短测（--quick）：只说明测得通，数字不作数。**\n" } else { "" };
    format!(
        "# 测得的数\n\n由 `zhunsheng bench` 写成，不要手改；怎样测、为什么这样测见 [bench/README.md](../bench/README.md)。\n{short}\n\
         - 时间：{}\n- 机器：{}（负载发生器也在这台机器上）\n- 程序：zhunsheng {}，{}，落盘以后才答复\n\n\
         一步：带接口令牌的一个 JSON 命令，办理已有事项的下一步；得到答复时，记录、派生的各表和去重的键都已落盘。\n\
         八步中有一步登记新的纠纷。下限：不经过我们的任何代码，把同样多的字节写进同一种引擎，一组的行数等于程序个数，\n\
         在同一分钟、同一个目录里测。繁忙的机器上落盘会慢十倍以上，所以看比值，不看绝对数。\n",
        report.when, report.machine, report.version, report.engine
    )
}

fn steps(report: &Report) -> String {
    let mut text = "\n## 落盘的步\n\n| 事项 | 程序 | 每秒 | p50 毫秒 | p95 | p99 | 最慢 | 步数 | 出错 | 服务每步处理器毫秒 | 每步写入 KiB | 引擎下限 行/秒 | 比值 | 裸 fdatasync 次/秒 | 负载 | 旁人占用 |\n\
                    | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for county in &report.counties {
        for steps in &county.steps {
            let Steps { load, .. } = steps;
            let _ = writeln!(
                text,
                "| {} | {} | **{:.0}** | {:.1} | {:.1} | {:.1} | {:.0} | {} | {} | {:.3} | {:.1} | {:.0} | {:.0}% | {:.0} | {:.1} | {:.0}% |",
                grouped(county.matters),
                load.clients,
                load.per_second,
                load.times.p50_ms,
                load.times.p95_ms,
                load.times.p99_ms,
                load.times.max_ms,
                load.times.count,
                load.errors,
                steps.cpu_ms_per_step,
                steps.written_per_step / 1_024.0,
                steps.floor_rows,
                steps.of_floor() * 100.0,
                steps.floor_syncs,
                steps.load_average,
                steps.busy * 100.0,
            );
        }
    }
    let checked: usize = report.counties.iter().map(|county| county.checked).sum();
    let _ =
        writeln!(text, "\n在负载中途 `kill -9`，重新启动以后逐项核对：已答复的 {} 步都在记录里。", grouped(checked));
    text
}

fn pages(report: &Report) -> String {
    let mut text = "\n## 页面（一个人依次打开，p50 / p95 毫秒）\n\n| 页面 |".to_owned();
    for county in &report.counties {
        let _ = write!(text, " {} 件 |", grouped(county.matters));
    }
    text.push_str(" 大小 KiB |\n| --- |");
    text.push_str(&" ---: |".repeat(report.counties.len() + 1));
    text.push('\n');
    let Some(first) = report.counties.first() else { return text };
    for page in &first.pages {
        let _ = write!(text, "| {} |", page.title);
        for county in &report.counties {
            let same = county.pages.iter().find(|other| other.id == page.id);
            let _ = match same {
                Some(same) => write!(text, " {:.1} / {:.1} |", same.times.p50_ms, same.times.p95_ms),
                None => write!(text, " |"),
            };
        }
        let _ = writeln!(text, " {} |", page.bytes.div_ceil(1_024));
    }
    text
}

/// Citizens at the door, and what staff waited meanwhile.
fn forms(report: &Report) -> String {
    let Some((county, sent)) = report.counties.iter().find_map(|county| Some((county, county.forms.as_ref()?))) else {
        return String::new();
    };
    let mut text = format!(
        "\n## 群众一起交表单\n\n{} 件的县里，{} 名群众同时打开纠纷登记表、填好提交：{} 份用了 {:.0} 秒，每秒 {:.0} 份；{} 人按了两次，没有一份登记两次，\n\
         没有一份丢失，每个查询码都查得到。三名干部同时看页面。\n\n| 页面 | p50 毫秒 | p95 | p99 | 最慢 |\n| --- | ---: | ---: | ---: | ---: |\n",
        grouped(county.matters),
        sent.clients,
        grouped(sent.forms),
        sent.seconds,
        sent.per_second,
        grouped(usize::try_from(sent.twice).unwrap_or(0)),
    );
    let own = [("打开表单".to_owned(), &sent.page), ("提交表单".to_owned(), &sent.post)];
    let staff = sent.staff.iter().map(|(page, told)| (format!("干部：{page}"), told));
    for (page, told) in own.into_iter().chain(staff) {
        let _ = writeln!(
            text,
            "| {page} | {:.1} | {:.1} | {:.1} | {:.0} |",
            told.p50_ms, told.p95_ms, told.p99_ms, told.max_ms
        );
    }
    text
}

/// A line of the last table: its name and how it is read off a county.
type Rest = (&'static str, fn(&OfCounty) -> String);

fn rest(report: &Report) -> String {
    let rows: [Rest; 10] = [
        ("记录项", |county| grouped(usize::try_from(county.entries).unwrap_or(0))),
        ("数据库 MiB", |county| mebibytes(county.bytes)),
        ("换了程序以后第一次启动（检查、采用新的法规定义） 秒", |county| {
            format!("{:.2}", county.adopting_seconds)
        }),
        ("启动 秒", |county| format!("{:.2}", county.start_seconds)),
        ("负载中 kill -9 以后启动 秒", |county| format!("{:.2}", county.start_after_kill_seconds)),
        ("那时的 WAL MiB", |county| mebibytes(county.wal_bytes)),
        ("空闲内存 MiB", |county| mebibytes(county.idle_bytes)),
        ("全部测完时内存 MiB", |county| mebibytes(county.loaded_bytes)),
        ("核验每百万项 秒", |county| format!("{:.1}", county.verify_million_seconds)),
        ("出具凭证 每秒", |county| format!("{:.0}", county.proofs_per_second)),
    ];
    let mut text = "\n## 其他\n\n| |".to_owned();
    for county in &report.counties {
        let _ = write!(text, " {} 件 |", grouped(county.matters));
    }
    text.push_str("\n| --- |");
    text.push_str(&" ---: |".repeat(report.counties.len()));
    text.push('\n');
    for (name, of) in rows {
        let cells: Vec<String> = report.counties.iter().map(of).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}

fn mebibytes(bytes: u64) -> String {
    bytes.div_ceil(1 << 20).to_string()
}

/// 1,000,000.
fn grouped(number: usize) -> String {
    u32::try_from(number).map_or_else(|_| number.to_string(), |number| crate::app::figures::written(f64::from(number)))
}

fn of_clients(report: &Report) -> Curve {
    let steps: &[Steps] = report.counties.first().map(|county| county.steps.as_slice()).unwrap_or_default();
    let line =
        |name: &str, of: fn(&Steps) -> f64| (name.to_owned(), steps.iter().map(|steps| Some(of(steps))).collect());
    Curve {
        title: "每秒落盘的步，按同时办理的程序个数".to_owned(),
        unit: "每秒".to_owned(),
        axis: "同时办理的程序".to_owned(),
        marks: steps.iter().map(|steps| steps.load.clients.to_string()).collect(),
        lines: vec![
            line("落盘的步", |steps| steps.load.per_second),
            line("引擎下限（行）", |steps| steps.floor_rows),
            line("裸 fdatasync", |steps| steps.floor_syncs),
        ],
    }
}

fn of_size(report: &Report) -> Curve {
    let last = |county: &OfCounty| county.steps.last().cloned();
    let line = |name: &str, of: fn(&Steps) -> f64| {
        (name.to_owned(), report.counties.iter().map(|county| last(county).as_ref().map(of)).collect())
    };
    Curve {
        title: "事项多了会不会变慢：64 个程序同时办理".to_owned(),
        unit: "每秒；毫秒".to_owned(),
        axis: "县里已有的事项".to_owned(),
        marks: report.counties.iter().map(|county| grouped(county.matters)).collect(),
        lines: vec![
            line("每秒步数", |steps| steps.load.per_second),
            line("p99 毫秒", |steps| steps.load.times.p99_ms),
            line("每步处理器毫秒", |steps| steps.cpu_ms_per_step),
        ],
    }
}

fn of_pages(report: &Report) -> Curve {
    let shown = [
        ("matter", "事项页"),
        ("list_county", "全县列表"),
        ("list_station", "本镇列表"),
        ("search_common", "检索"),
        ("figures_shown", "看法治数据"),
        ("figures_counted", "全部重算"),
    ];
    let value =
        |county: &OfCounty, id: &str| county.pages.iter().find(|page| page.id == id).map(|page| page.times.p50_ms);
    Curve {
        title: "页面 p50，按县里已有的事项".to_owned(),
        unit: "毫秒".to_owned(),
        axis: "县里已有的事项".to_owned(),
        marks: report.counties.iter().map(|county| grouped(county.matters)).collect(),
        lines: shown
            .iter()
            .map(|(id, name)| ((*name).to_owned(), report.counties.iter().map(|county| value(county, id)).collect()))
            .collect(),
    }
}
