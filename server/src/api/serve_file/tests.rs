//! What a Range header asks for.

use proptest::prelude::*;

use super::*;

#[test]
fn ranges_are_read_as_rfc_9110_says() {
    for (range, wanted) in [
        ("bytes=0-0", Asked::Part(0..1)),
        ("bytes=2-4", Asked::Part(2..5)),
        ("bytes=2-", Asked::Part(2..10)),
        ("bytes=-3", Asked::Part(7..10)),
        ("bytes=-30", Asked::Part(0..10)),
        ("bytes=8-99", Asked::Part(8..10)),
        ("bytes=10-", Asked::Nothing),
        ("bytes=10-12", Asked::Nothing),
        ("bytes=-0", Asked::Nothing),
        ("bytes=4-2", Asked::Whole),
        ("bytes=0-1,4-5", Asked::Whole),
        ("bytes=+1-2", Asked::Whole),
        ("bytes=-", Asked::Whole),
        ("bytes=1", Asked::Whole),
        ("lines=1-2", Asked::Whole),
        ("bytes=99999999999999999999-", Asked::Whole),
        ("bytes=0-18446744073709551615", Asked::Part(0..10)),
    ] {
        assert_eq!(parse(range, 10), wanted, "{range}");
    }
}

#[test]
fn no_range_of_an_empty_file_can_be_given() {
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        assert_eq!(parse(range, 0), Asked::Nothing, "{range}");
    }
}

proptest! {
    #[test]
    fn a_part_is_never_empty_and_never_beyond_the_end(text in "bytes=[0-9]{0,21}-[0-9]{0,21}", size in 0..u64::MAX) {
        if let Asked::Part(part) = parse(&text, size) {
            prop_assert!(part.start < part.end && part.end <= size);
        }
    }

    #[test]
    fn foreign_headers_never_panic(text in ".{0,40}", size in any::<u64>()) {
        let _ = parse(&text, size);
    }
}

#[test]
fn a_name_is_given_so_that_everybody_saves_it_under_one_that_is_safe() {
    for (name, wanted) in [
        ("model.onnx", "attachment; filename=model.onnx"),
        ("a b.txt", "attachment; filename=\"a b.txt\""),
        ("a\"; x=\"b", "attachment; filename=\"a_; x=_b\"; filename*=UTF-8''a%22%3B%20x%3D%22b"),
        ("Größe.csv", "attachment; filename=\"Gr__e.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv"),
    ] {
        assert_eq!(attachment(name), wanted);
    }
}
