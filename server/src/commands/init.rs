//! `zhunsheng init`: founds a real county, the only act without prior authority.

use zhunsheng_core::day::{Day, Moment};

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::act::ActError;
use crate::app::clock::{CountyClock, MachineClock};
use crate::app::county::Entropy;
use crate::app::fault::Fault;
use crate::app::found::{Founding, found};
use crate::app::password::Passwords;
use crate::app::ruling::{Ruling, embedded};
use crate::app::secret;
use crate::app::{NewCounty, account, checkpoint, found_county};
use crate::store::{Db, Tx};

struct Wish {
    code: String,
    name: String,
    administrator: String,
    login: String,
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wish = read(&mut options)?;
    // Everything that can be wrong is looked at before the folder is touched.
    Ruling::check(&embedded())?;
    let password = one_time_password();
    let hash = Passwords::default().hash_blocking(&password)?;
    // A database may hold several counties; a file holds one.
    options.config.county = Some(wish.code.clone());
    let home = options.config.home();
    if opening::has_county(&home)? && opening::founding_act(&Db::open_for_reading(&home)?).is_ok() {
        return Err(Failure::Fault("数据目录里已有县域数据，没有改动。请用 --data 另指一个空目录。".to_owned()));
    }
    let machine = MachineClock::System;
    let db = Db::open(&home)?;
    let now = CountyClock::real(machine.clone()).now();
    let day = Day::from(now.date());
    let seconds = i64::from(now.hour()) * 3_600 + i64::from(now.minute()) * 60 + i64::from(now.second());
    let founding = Founding {
        code: wish.code.clone(),
        name: wish.name.clone(),
        administrator: wish.administrator.clone(),
        day,
        now: Moment::on(day, seconds),
        demonstration: false,
    };
    let county = NewCounty { code: wish.code.clone(), name: wish.name.clone(), demo_today: None, seed: None };
    let (code, login, created) = (wish.code.clone(), wish.login.clone(), machine.seconds());
    db.write_blocking(move |tx: &mut Tx<'_>| {
        found_county(tx, &county)?;
        let (founded, _) = found(tx, &founding, &embedded(), Entropy::System)?;
        let opened = account::open(tx, &code, &founded.person.to_string(), &login, Some(hash), true, created);
        opened.map_err(|fault| ActError::from(Fault::from(fault)))
    })?;
    let keys = checkpoint::found_log(&db, &home.data, machine.millis())?;
    terminal.say(format!("{}（{}）已设立，数据目录：{home}", wish.name, wish.code));
    terminal.say(format!("首位管理员：{}    登录名：{}", wish.administrator, wish.login));
    terminal.say(format!("一次性口令：{password}    （只显示这一次，首次登录必须修改）"));
    terminal.say("检查点公钥（国密 SM2；Ed25519）：");
    terminal.say(format!("    {}", keys.sm3));
    terminal.say(format!("    {}", keys.sha256));
    terminal.say("    请抄存在县政府之外（上级司法局、档案馆）：以后凭它核验记录和凭证。");
    terminal.say(format!("下一步：zhunsheng serve --data {}", home.data.display()));
    Ok(Outcome::Fine)
}

fn read(options: &mut Options) -> Result<Wish, Failure> {
    let (mut code, mut name) = (None, None);
    let (mut administrator, mut login) = ("系统管理员".to_owned(), "admin".to_owned());
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(option) if option == "county" => code = Some(options.text()?),
            Word::Option(option) if option == "name" => name = Some(options.text()?),
            Word::Option(option) if option == "administrator" => administrator = options.text()?,
            Word::Option(option) if option == "login" => login = options.text()?,
            _ => return Err(unknown(&word)),
        }
    }
    let code = code.ok_or_else(|| Failure::Usage("缺少 --county 区划代码，如 --county 211224。".to_owned()))?;
    if code.len() != 6 || !code.chars().all(|digit| digit.is_ascii_digit()) {
        return Err(Failure::Usage(format!("--county 的取值“{code}”不是六位区划代码，应如 211224。")));
    }
    let name = match (name, code.as_str()) {
        (Some(name), _) if !name.trim().is_empty() => name.trim().to_owned(),
        (None, "211224") => "昌图县".to_owned(),
        _ => return Err(Failure::Usage(format!("随附的区划资料中没有 {code}，请用 --name 写明县名。"))),
    };
    if administrator.trim().is_empty() || login.trim().is_empty() {
        return Err(Failure::Usage("--administrator 和 --login 不能为空。".to_owned()));
    }
    Ok(Wish { code, name, administrator, login })
}

/// Sixteen letters and digits that cannot be mistaken for each other: eighty bits.
fn one_time_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let bytes: [u8; 16] = secret::random();
    let mut text = String::new();
    for (position, byte) in bytes.into_iter().enumerate() {
        if position > 0 && position % 4 == 0 {
            text.push(' ');
        }
        let letter = LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'x');
        text.push(char::from(letter));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::one_time_password;
    use crate::app::password;

    #[test]
    fn a_one_time_password_would_pass_as_a_password() {
        for _ in 0..200 {
            let password = one_time_password();
            assert_eq!(password.chars().count(), 19);
            assert_eq!(password::check(&password, "admin"), Ok(()), "{password}");
        }
    }
}
