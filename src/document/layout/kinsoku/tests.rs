//! Where lines may end, shown with `|`.

use super::breaks;

fn check(shown: &str) {
    let chars: Vec<char> = shown.chars().filter(|c| *c != '|').collect();
    let marked: String = chars
        .iter()
        .zip(breaks(&chars))
        .flat_map(|(c, allowed)| allowed.then_some('|').into_iter().chain([*c]))
        .collect();
    assert_eq!(marked, shown);
}

#[test]
fn marks_stay_with_their_words() {
    check("通|知，|按|照");
    check("按|照|《办|法》|（以|下|简|称|“办|法”）|执|行。");
    check("战|备——|平|时……|为");
}

#[test]
fn quotes_after_words_may_begin_a_line() {
    check("简|称|“结|建”|工|程");
}

#[test]
fn numbers_keep_their_units_and_dates_stay_whole() {
    check("自2022年3月1日|起|施|行".replace("自2", "自|2").as_str());
    check("嘉政办发〔2022〕4号|文");
    check("意|见》|（浙人防办〔2019〕13号）|的");
    check("面|积|12,345.67平方米|以|上");
    check("应|当|在|15个工作日|内");
    check("第四十八条|规|定");
    check("比|例|9%|计|算");
}
