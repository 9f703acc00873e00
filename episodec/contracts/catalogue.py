"""All contracts, by stage, in the order of the data flow."""

from collections.abc import Mapping

from episodec.contracts.character_stages import DATASET, MOTION, REFINE, SCENE_CHECK, TRAIN, VIEWS
from episodec.contracts.contract import Contract
from episodec.contracts.performance_stages import LIP_VOICE, LIPSYNC, PERFORMANCE, RIG_OF_SCENE
from episodec.contracts.picture_stages import (
    CHECKED_PICTURE,
    ENCODE,
    JOINED_PICTURE,
    MUX,
    OVERLAY,
    PLAN,
    PLAN_PICTURE,
    READY,
    RENDER,
    STILL_SCENE,
    STILLS,
)
from episodec.contracts.sound_stages import ALIGN, AUDIO, CAPTIONS, FOLEY, FOLEY_JOIN, JOIN, MIX, VOICE
from episodec.contracts.telling_stages import ENTERED, POSTED, VIEWER

CONTRACTS: Mapping[str, Contract] = {
    contract.stage: contract
    for contract in (
        *(VOICE, ALIGN, JOIN, FOLEY, FOLEY_JOIN, MIX, AUDIO, CAPTIONS),
        *(VIEWS, MOTION, REFINE, DATASET, TRAIN, SCENE_CHECK),
        *(
            PLAN,
            PLAN_PICTURE,
            PERFORMANCE,
            READY,
            STILL_SCENE,
            RIG_OF_SCENE,
            RENDER,
            LIP_VOICE,
            LIPSYNC,
            OVERLAY,
            ENCODE,
            JOINED_PICTURE,
            MUX,
            STILLS,
            CHECKED_PICTURE,
        ),
        *(VIEWER, POSTED, ENTERED),
    )
}
