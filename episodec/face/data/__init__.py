"""The files of the head model and the landmark network. For their sources and licences see `head.LICENSE`,
`face_landmark.LICENSE` and NOTICE.
"""

from episodec.ownfile import own_file

HEAD = own_file(__file__, "head.bin")  # Read by `face.head.read_head`, made by tools/make_head.py.
LANDMARK_NET = own_file(__file__, "face_landmark.tflite")  # MediaPipe's, 1 242 398 bytes, unchanged.
