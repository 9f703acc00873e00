"""LatentSync: lips drawn to a voice on the frames of a film."""
