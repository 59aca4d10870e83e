"""What is taken out of a submission, and that nothing else is: no path of its own, no link, no bomb."""

import gzip
import os
import struct
import tarfile
import zipfile

import pytest

from workbench.grading.intake import take_in
from workbench.grading.listing import LARGEST_UNPACKED_BYTES, TAKEN_BYTES
from workbench.grading.sources import Source, find_sources

from .classroom import add_to_tar, git, hand_in, right, starters

RISK, RENDER = "churn_service/risk.py", "render.yaml"
DECLARED = (RISK, RENDER, ".github/workflows/deploy.yml")
FILES = {
    RISK: b"risk = 1\n",
    RENDER: b"services: []\n",
    ".github/workflows/deploy.yml": b"on: push\n",
}


@pytest.fixture
def taken(tmp_path):
    """`taken(path)`: the submission at a path; fails when taking it in has written anything around it."""

    def take(path):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        before = set(tmp_path.rglob("*")) - set(scratch.rglob("*"))
        submission = take_in(Source(path.name, path), DECLARED, scratch)
        assert set(tmp_path.rglob("*")) - set(scratch.rglob("*")) == before
        return submission

    return take


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "bundle"])
def test_every_form_gives_the_same_files(tmp_path, taken, form):
    extra = {"conftest.py": b"x", "churn_service/json.py": b"x", "notes/diary.txt": b"x"}
    submission = taken(hand_in(tmp_path, "ada", FILES | extra, form))
    assert submission.problem == ""
    assert submission.files == FILES
    assert submission.handed_in is not None


@pytest.mark.parametrize(
    "within", ["", "exercises/", "bookstore/exercises/", "a/b/c/exercises/", "my project/", "./"]
)
def test_the_project_is_found_where_it_stands(tmp_path, taken, within):
    path = make_zip(tmp_path / "ada.zip", {within + path: text for path, text in FILES.items()})
    assert taken(path).files == FILES


def test_backslashes_of_an_old_archiver_are_path_separators(tmp_path, taken):
    path = make_zip(tmp_path / "ada.zip", {"exercises\\churn_service\\risk.py": b"risk = 1\n"})
    assert taken(path).files == {RISK: b"risk = 1\n"}


def test_a_fork_gives_its_exercises_and_never_its_solutions(tmp_path, taken):
    other = {"solutions/" + RISK: b"the reference", "solutions/" + RENDER: b"the reference"}
    mine = {"exercises/" + RISK: b"mine"}
    assert taken(make_zip(tmp_path / "fork.zip", other | mine)).files == {RISK: b"mine"}
    alone = taken(make_zip(tmp_path / "solutions.zip", other))
    assert alone.files == {}
    assert "solutions/, which is the reference and not an answer" in alone.problem


def test_copies_in_hidden_folders_are_not_handed_in(tmp_path, taken):
    members = {f"w/.workbench/backups/1/{RISK}": b"old", f"w/exercises/{RISK}": b"new"}
    members |= {f"__MACOSX/w/exercises/{RISK}": b"\0\5\26\7"}
    assert taken(make_zip(tmp_path / "ada.zip", members)).files == {RISK: b"new"}


@pytest.mark.parametrize("form", ["zip", "tar.gz", "bundle"])
def test_a_folder_with_one_archive_in_it_is_that_archive_under_the_folders_name(tmp_path, form):
    hand_in(tmp_path / "class" / "ada_4711_file", "exercises", FILES, form)
    hand_in(tmp_path / "class", "bob", FILES)
    found = find_sources([tmp_path / "class"], DECLARED, tmp_path / "out")
    taken = [take_in(source, DECLARED, tmp_path) for source in found]
    assert [submission.name for submission in taken] == ["ada_4711_file", "bob"]
    assert [submission.files for submission in taken] == [FILES, FILES]


def test_two_projects_are_refused_by_name(tmp_path, taken):
    members = {f"monday/{RISK}": b"1", f"friday/{RISK}": b"2"}
    problem = taken(make_zip(tmp_path / "ada.zip", members)).problem
    assert "more than one project: friday, monday" in problem


@pytest.mark.parametrize(
    "name",
    [f"../../{RISK}", f"/{RISK}", f"exercises/../../{RISK}", f"C:/{RISK}", f"..\\..\\{RISK}"],
)
def test_a_path_that_climbs_out_is_nobodys_file(tmp_path, taken, name):
    zipped = taken(make_zip(tmp_path / "slip.zip", {name: b"evil"}))
    with tarfile.open(tmp_path / "slip.tar", "w") as archive:
        add_to_tar(archive, name, b"evil")
    tarred = taken(tmp_path / "slip.tar")
    for submission in (zipped, tarred):
        assert submission.files == {}
        assert "Hand in the folder exercises/" in submission.problem


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_device_in_a_tar_is_not_taken_and_named(tmp_path, taken, kind):
    with tarfile.open(tmp_path / "ada.tar", "w") as archive:
        add_to_tar(archive, f"exercises/{RISK}", type=kind, linkname="/etc/passwd")
        add_to_tar(archive, f"exercises/{RENDER}", b"mine")
    submission = taken(tmp_path / "ada.tar")
    assert submission.files == {RENDER: b"mine"}
    assert "link or a device" in submission.faults[RISK]


def test_a_symbolic_link_in_a_zip_is_not_taken(tmp_path, taken):
    info = zipfile.ZipInfo(f"exercises/{RISK}")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    submission = taken(tmp_path / "ada.zip")
    assert submission.files == {} and "link" in submission.faults[RISK]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made as POSIX has them")
def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path, taken):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "risk.py").write_text("the instructor's")
    project = hand_in(tmp_path, "ada", {RENDER: b"mine", "pipeline/a.py": b""})
    (project / "churn_service").symlink_to(secret)
    (project / ".github/workflows").mkdir(parents=True)
    os.mkfifo(project / ".github/workflows/deploy.yml")
    submission = taken(project)
    assert submission.files == {RENDER: b"mine"}
    assert ".github/workflows/deploy.yml" in submission.faults
    (tmp_path / "eve").symlink_to(secret)
    assert "link" in taken(tmp_path / "eve").problem


def test_a_submodule_or_link_in_a_bundle_is_not_taken(tmp_path, taken):
    bundle = hand_in(tmp_path, "ada", FILES, "bundle")
    repository = tmp_path / ".making-ada"
    (repository / "exercises" / RISK).unlink()
    (repository / "exercises" / RISK).symlink_to("/etc/passwd")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a link")
    bundle.unlink()
    git(repository, "bundle", "create", "--quiet", str(bundle), "--all")
    submission = taken(bundle)
    assert RISK not in submission.files and "link" in submission.faults[RISK]


def test_a_zip_bomb_is_unpacked_no_further_than_a_check_reads(tmp_path, taken):
    path = make_zip(tmp_path / "bomb.zip", {f"exercises/{RISK}": bytes(300 << 20)})
    assert path.stat().st_size < 1 << 20
    assert len(taken(path).files[RISK]) == TAKEN_BYTES


def test_a_compressed_tar_that_unpacks_without_end_is_given_up(tmp_path, taken):
    info = tarfile.TarInfo("data.bin")
    info.size = 7 << 30
    block, many = bytes(1 << 20), (LARGEST_UNPACKED_BYTES >> 20) + 2
    with gzip.open(tmp_path / "bomb.tar.gz", "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(many):
            file.write(block)
    assert "unpacks to more than" in taken(tmp_path / "bomb.tar.gz").problem


def test_an_archive_of_very_many_files_is_given_up(tmp_path, taken):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(50_001):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    assert "more than 50,000 files" in taken(tmp_path / "many.zip").problem


def test_an_encrypted_archive_is_asked_for_without_a_password(tmp_path, taken):
    path = make_zip(tmp_path / "ada.zip", {f"exercises/{RISK}": b"secret"})
    data = bytearray(path.read_bytes())
    for mark, flags_at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = data.index(mark) + flags_at
        data[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(data)
    assert "encrypted" in taken(path).problem


@pytest.mark.parametrize("form", ["zip", "tar.gz", "bundle"])
@pytest.mark.parametrize("part", [0, 0.1, 0.6, 0.97])
def test_an_archive_that_was_cut_off_is_told_so(tmp_path, taken, form, part):
    files = FILES | {"churn_service/risk.py": os.urandom(5000)}
    path = hand_in(tmp_path, "ada", files, form)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    problem = taken(path).problem
    assert "empty (0 bytes)" in problem if part == 0 else "cannot be read" in problem
    assert str(tmp_path) not in problem


def test_one_damaged_member_is_named_and_the_others_are_taken(tmp_path, taken):
    path = make_zip(tmp_path / "ada.zip", {RISK: bytes(range(256)) * 40, RENDER: b"mine"})
    data = bytearray(path.read_bytes())
    at = data.index(b"risk.py") + 20
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    submission = taken(path)
    assert submission.files == {RENDER: b"mine"}
    assert "damaged" in submission.faults[RISK]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"%PDF-1.7", "PDF")],
)
def test_another_kind_of_file_is_called_by_its_name(tmp_path, taken, content, kind):
    path = tmp_path / "ada.zip"
    path.write_bytes(content + bytes(50))
    assert kind in taken(path).problem and "Hand in a zip" in taken(path).problem


def test_a_bundle_of_part_of_a_history_says_how_to_make_a_whole_one(tmp_path, taken):
    bundle = hand_in(tmp_path, "ada", FILES, "bundle")
    repository = tmp_path / ".making-ada"
    (repository / "more").write_text("x")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "more")
    git(repository, "bundle", "create", "--quiet", str(bundle), "main~1..main")
    assert "git bundle create NAME.bundle --all" in taken(bundle).problem


def test_the_time_of_the_last_commit_is_that_of_the_commit_and_not_of_the_clone(tmp_path, taken):
    bundle = hand_in(tmp_path, "ada", FILES, "bundle")
    git(tmp_path, "clone", "--quiet", "--branch", "main", str(bundle), "cloned")
    git(tmp_path, "clone", "--quiet", str(tmp_path / ".making-ada"), "packed")
    git(tmp_path / "packed", "gc", "--quiet")
    for place in (bundle, tmp_path / ".making-ada", tmp_path / "cloned", tmp_path / "packed"):
        submission = taken(place)
        assert (submission.handed_in, submission.handed_in_is) == (1772366400.0, "last commit")
    (tmp_path / "cloned" / ".git" / "HEAD").write_text("ref: ../../../etc/passwd")
    assert taken(tmp_path / "cloned").handed_in_is == "newest file"


def test_the_time_of_a_folder_without_git_is_that_of_its_newest_file(tmp_path, taken):
    folder = hand_in(tmp_path, "bob", FILES)
    for file in folder.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    assert taken(folder).handed_in == 1_700_000_000


def test_a_git_configuration_that_was_handed_in_runs_nothing(tmp_path, taken):
    hand_in(tmp_path, "ada", FILES, "bundle")
    checkout = tmp_path / ".making-ada"
    with (checkout / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\tfsmonitor = touch {tmp_path}/pwned\n[log]\n\tshowSignature = true\n")
    taken(checkout)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (b'{"exercises": {"risk-level": {"attempts": 3}}}', {"risk-level": 3}),
        (b'{"exercises": {"risk-level": {"attempts": "3"}, "x": {"attempts": -1}}}', {}),
        (b'{"exercises": [1]}', {}),
        (b"[" * 100_000, {}),
        (b"\xff\xfe", {}),
    ],
)
def test_attempts_come_from_a_progress_file_that_may_hold_anything(tmp_path, taken, content, known):
    members = {f"exercises/{RISK}": b"1", ".workbench/progress.json": content}
    assert taken(make_zip(tmp_path / "ada.zip", members)).attempts == known


def test_a_folder_of_many_gives_each_its_row_and_skips_litter(tmp_path):
    everyone = tmp_path / "class"
    names = ["ada", "Émile ☃", "two words", "=cmd", "-rf"]
    for name in names:
        hand_in(everyone, name, FILES, "zip")
    hand_in(everyone, "bob", FILES)
    for litter in (".DS_Store", "Thumbs.db", "__MACOSX/x"):
        (everyone / litter).parent.mkdir(exist_ok=True)
        (everyone / litter).write_bytes(b"")
    found = find_sources([everyone], DECLARED, everyone / "graded")
    assert sorted(source.name for source in found) == sorted([*names, "bob"])


def test_a_learner_who_hands_in_twice_has_two_rows_that_say_so(tmp_path):
    for day in ("monday", "friday"):
        hand_in(tmp_path / day, "ada", FILES, "zip")
    hand_in(tmp_path / "friday", "ADA", FILES)
    folders = [tmp_path / "monday", tmp_path / "friday"]
    found = find_sources(folders, DECLARED, tmp_path / "out")
    assert [source.name for source in found] == ["ada", "ADA (2)", "ada (3)"]
    assert "handed in 3 times under this name; this row is monday/ada.zip" in found[0].note


def test_a_project_and_a_repository_are_one_submission_each(tmp_path):
    project = hand_in(tmp_path, "ada", FILES)
    repository = tmp_path / "bob"
    hand_in(repository, "exercises", FILES)
    found = find_sources([project, repository], DECLARED, tmp_path / "out")
    assert [source.name for source in found] == ["ada", "bob"]


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_a_link_that_the_instructor_names_is_followed_and_gives_its_name(tmp_path):
    hand_in(tmp_path, "upload-4711", FILES)
    (tmp_path / "ada").symlink_to(tmp_path / "upload-4711")
    (source,) = find_sources([tmp_path / "ada"], DECLARED, tmp_path / "out")
    assert (source.name, take_in(source, DECLARED, tmp_path).files) == ("ada", FILES)


def test_taking_in_the_course_itself_reads_the_starters(root, tmp_path, taken):
    submission = take_in(
        Source("course", root), [*starters("hosting"), *right("risk-level")], tmp_path
    )
    assert submission.files == starters("hosting") | starters("risk-level")
