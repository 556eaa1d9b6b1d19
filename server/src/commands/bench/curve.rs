//! Curves as SVG: a few lines over a few marks on a logarithmic scale, drawn by hand so that they need nothing to be read.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 44.0;
/// Told apart by people who see few colours, and by their dashes.
const COLOURS: [&str; 6] = ["#1b4f8f", "#b3541e", "#2f7d4f", "#7a3b8f", "#8a6d00", "#555555"];
const DASHES: [&str; 6] = ["", "6 3", "2 3", "9 3 2 3", "1 4", "12 4"];
/// Distance of two names on the right that would otherwise lie on each other.
const NAME_STEP: f64 = 15.0;

/// A picture.
pub struct Curve {
    /// Above it.
    pub title: String,
    /// Of the values, on the left.
    pub unit: String,
    /// Below the marks.
    pub axis: String,
    /// The marks from left to right.
    pub marks: Vec<String>,
    /// Name and values, one for each mark; a value that is missing leaves a gap.
    pub lines: Vec<(String, Vec<Option<f64>>)>,
}

impl Curve {
    /// The picture as SVG.
    pub fn draw(&self) -> String {
        let values = self.lines.iter().flat_map(|(_, values)| values.iter().flatten()).copied();
        let (low, high) = decades(values);
        let scale = Scale { low, high, marks: self.marks.len() };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n<title>{0}</title>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{0}</text>\n\
             <text x=\"8\" y=\"{1}\">{2}</text>\n",
            escape(&self.title),
            TOP - 8.0,
            escape(&self.unit),
        );
        self.grid(&mut svg, &scale);
        self.lines(&mut svg, &scale);
        svg.push_str("</svg>\n");
        svg
    }

    fn grid(&self, svg: &mut String, scale: &Scale) {
        for power in scale.low..=scale.high {
            let (y, label) = (scale.y(10f64.powi(power)), power_label(power));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0
            );
        }
        for (at, mark) in self.marks.iter().enumerate() {
            let (x, y) = (scale.x(at), HEIGHT - BOTTOM + 18.0);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escape(mark));
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        let _ = writeln!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 8.0,
            escape(&self.axis)
        );
    }

    fn lines(&self, svg: &mut String, scale: &Scale) {
        let mut names: Vec<(f64, &str, &str)> = Vec::new();
        for ((name, values), (colour, dash)) in self.lines.iter().zip(COLOURS.iter().zip(DASHES).cycle()) {
            let points: Vec<(f64, f64)> = values
                .iter()
                .enumerate()
                .filter_map(|(at, value)| value.map(|value| (scale.x(at), scale.y(value))))
                .collect();
            let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            let _ = writeln!(
                svg,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>",
                path.join("L")
            );
            for (x, y) in &points {
                let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
            }
            names.extend(points.last().map(|(_, y)| (*y, name.as_str(), *colour)));
        }
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut free = TOP;
        for (y, name, colour) in names {
            free = y.max(free);
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                WIDTH - RIGHT + 10.0,
                free + 4.0,
                escape(name)
            );
            free += NAME_STEP;
        }
    }
}

struct Scale {
    low: i32,
    high: i32,
    marks: usize,
}

impl Scale {
    fn x(&self, at: usize) -> f64 {
        let steps = u32::try_from(self.marks.saturating_sub(1).max(1)).map_or(1.0, f64::from);
        let at = u32::try_from(at).map_or(0.0, f64::from);
        LEFT + 24.0 + (WIDTH - LEFT - RIGHT - 40.0) * at / steps
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value.max(1e-9).log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share.clamp(0.0, 1.0)
    }
}

/// Powers of ten around all values, at least one decade.
fn decades(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let logs: Vec<f64> = values.filter(|value| *value > 0.0).map(f64::log10).collect();
    let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !low.is_finite() || !high.is_finite() {
        return (0, 1);
    }
    #[allow(clippy::cast_possible_truncation, reason = "exponents of measured values")]
    let (low, high) = (low.floor() as i32, high.ceil() as i32);
    (low, high.max(low + 1))
}

fn power_label(power: i32) -> String {
    let text = format!("{:.*}", usize::try_from(-power).unwrap_or(0), 10f64.powi(power));
    if power >= 4 { format!("{}万", 10f64.powi(power - 4)) } else { text }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::Curve;

    #[test]
    fn a_curve_is_well_formed_and_shows_its_values() {
        let curve = Curve {
            title: "a < b".to_owned(),
            unit: "毫秒".to_owned(),
            axis: "件".to_owned(),
            marks: vec!["1万".to_owned(), "10万".to_owned()],
            lines: vec![("p50".to_owned(), vec![Some(0.5), Some(20.0)]), ("p99".to_owned(), vec![None, Some(3.0)])],
        };
        let svg = curve.draw();
        let mut reader = quick_xml::Reader::from_str(&svg);
        let mut circles = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Empty(element) => circles += usize::from(element.name().as_ref() == "circle"),
                _ => {}
            }
        }
        assert_eq!(circles, 3);
        assert!(svg.contains("a &lt; b") && svg.contains(">0.1<") && svg.contains(">100<"), "{svg}");
    }
}
