//! Where NASA's archive is, and the SHA-256 of each of its files.

/// Names and digests of an archive's files.
pub(super) type Known<'a> = &'a [(&'a str, &'a str)];

/// The Turbofan Engine Degradation Simulation Data Set of NASA's Prognostics Center of Excellence: a zip with a
/// folder with `CMAPSSData.zip`.
pub const URL: &str =
    "https://phm-datasets.s3.amazonaws.com/NASA/6.+Turbofan+Engine+Degradation+Simulation+Data+Set.zip";

/// The digest of the archive at [`URL`], 12,429,152 bytes, as several public projects that download it state it
/// independently of each other. Should NASA pack the same files anew, `--sha256` takes the new archive's.
pub const ARCHIVE: &str = "c9c5dec12a945a82e8bb4446589d7fb3cc057b5e5d81fa1a12e25ee9912ad3b2";

/// The files as NASA packs them: LF line ends, two blanks at the end of a line. All but `train_FD003.txt` were
/// computed from public copies; that one's is stated alike by more than ten public projects, which state the
/// same digests as ours for the other files.
pub(super) const FILES: [(&str, &str); 13] = [
    ("RUL_FD001.txt", "a19c8ec94931949d0485bdc35118206e9c81c4547b422efb9cf86f4ceddbceca"),
    ("RUL_FD002.txt", "c851dd96a6ea6998d3c4a8f834d3c8013aa90e93a6ed950dc826ad0655b2906b"),
    ("RUL_FD003.txt", "df1e0566306b174a2de41c67a3e7a51877889598b78643fc3e5685259091b7cb"),
    ("RUL_FD004.txt", "196b836b85a95ac7fdbbf29c5fdf1657382eafa445644d114ffaaf50dc2975e1"),
    ("readme.txt", "4f5270554b775c67e73aff383c5436fd329d6e4cc3d3a116913276fae511269b"),
    ("test_FD001.txt", "3cda7109ce17bafb5443f2ac926cfcf88154b941b8c4cf95eb55d1ddd6f52851"),
    ("test_FD002.txt", "de7b5bf7e998a985c378488480528b7c02cff1406a46740def362dda8d9b4e02"),
    ("test_FD003.txt", "299babd63c8d987cef079c4a425429f33b3a34797d803bbe2ad48c29dbd0d790"),
    ("test_FD004.txt", "1dc675fff0624bac10786927c6715b37d1297657137400d2b1a3138d777a3ba5"),
    ("train_FD001.txt", "963b5e22825b34d8b21c69e1aeb4af3e647050eb672ee8834ba4b5d91d2de0f8"),
    ("train_FD002.txt", "dac6c4dbc4e7c1bdeb5747da3d313d05c395bb99801b44a002b26a2ba13d788f"),
    ("train_FD003.txt", "2abbe9968cc5e8eb091980f51b20f62bb4127336d3482cb52071d53bf23329e2"),
    ("train_FD004.txt", "27ef6160b6a1dcb2613a88de9c239f763b223f02cdc41dc5cdedc5dc189b6218"),
];

/// The line that refuses a file whose digest is not the known one.
pub(super) fn refusal(file: &str, found: &str, known: &str, mend: &str) -> String {
    format!(
        "{file} has sha256 {found} instead of NASA's {known} (a copy whose line ends or blanks were changed counts as changed); {mend}"
    )
}
