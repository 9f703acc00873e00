import json

import numpy as np
import pytest
from hypothesis import given

from episodec.errors import UsageError
from episodec.film.exact import QUANTUM
from episodec.film.exports import dnerf_transforms, nerfstudio_path, timeline
from episodec.film.moves import CameraSegment, Hold, Still, TimeSegment
from episodec.film.path_file import read_path
from episodec.film.plan import FramePlan, frame_plan
from tests.film.test_plan import plan
from tests.film.tracks import SIZES, tracks


def again(text: str, of: FramePlan) -> FramePlan:
    """The plan whose camera follows this file."""
    path = read_path(text, of.size[0] / of.size[1])
    time = [TimeSegment(len(of), Hold(0.5))]
    return frame_plan([CameraSegment(len(of), path)], time, of.size, of.rate)


@given(tracks(), SIZES)
def test_an_exported_path_films_the_same_again(
    of: tuple[list[CameraSegment], list[TimeSegment]], size: tuple[int, int]
) -> None:
    plan = frame_plan(*of, size, 30)
    actual = again(nerfstudio_path(plan), plan)
    assert np.abs(actual.camera_to_world - plan.camera_to_world).max() <= 8 * QUANTUM
    assert np.abs(actual.intrinsics / plan.intrinsics - 1).max() < 1e-9


def test_a_nerfstudio_path_says_all_that_its_renderer_reads() -> None:
    tree = json.loads(nerfstudio_path(plan()))
    assert (tree["render_width"], tree["render_height"], tree["fps"], tree["seconds"]) == (512, 512, 30, 30.0)
    assert len(tree["camera_path"]) == 900
    assert all("render_time" in one for one in tree["camera_path"])
    assert [one["matrix"] for one in tree["keyframes"]] == [
        tree["camera_path"][frame]["camera_to_world"] for frame in (0, 300, 899)
    ]


def test_transforms_film_the_same_again_and_hold_the_times() -> None:
    first = plan()
    text = dnerf_transforms(first, "./train/r_{frame:03}")
    actual = again(text, first)
    assert np.abs(actual.camera_to_world - first.camera_to_world).max() <= 8 * QUANTUM
    assert np.abs(actual.intrinsics - first.intrinsics).max() < 1e-6
    tree = json.loads(text)
    assert [frame["time"] for frame in tree["frames"]] == first.scene_time.tolist()
    assert tree["frames"][24]["file_path"] == "./train/r_024"


def test_transforms_cannot_say_a_zoom() -> None:
    camera = [CameraSegment(450, Still((0.0, 0.0, 2.6), (0.0, 0.0, 0.0), fov)) for fov in (30.0, 40.0)]
    with pytest.raises(UsageError, match="one field of view"):
        dnerf_transforms(plan((camera, [TimeSegment(900, Hold(0.5))])))


def test_a_timeline_has_a_clip_a_camera_segment_and_adds_up() -> None:
    tree = json.loads(timeline(plan(), "alpha", "alpha.mp4"))
    video, sound = tree["tracks"]["children"]
    assert [(clip["name"], clip["source_range"]["duration"]["value"]) for clip in video["children"]] == [
        ("orbit", 300),
        ("static", 600),
    ]
    assert [clip["source_range"]["duration"]["value"] for clip in sound["children"]] == [900]


@pytest.mark.parametrize("picture", [None, "alpha.mp4"])
def test_opentimelineio_reads_the_timeline(picture: str | None) -> None:
    otio = pytest.importorskip("opentimelineio")
    tree = otio.adapters.read_from_string(timeline(plan(), "alpha", picture), "otio_json")
    assert tree.schema_name() == "Timeline"
    assert tree.duration() == otio.opentime.RationalTime(900, 30)
    (video,) = tree.video_tracks()
    assert [clip.trimmed_range().duration.value for clip in video] == [300, 600]
    assert [video.range_of_child(clip).start_time.value for clip in video] == [0, 300]
    assert [marker.marked_range.duration.value for marker in video.markers] == [900]
    assert len(tree.audio_tracks()) == 1
    media = video[0].media_reference
    assert media.is_missing_reference == (picture is None)
    assert picture is None or media.target_url == picture
