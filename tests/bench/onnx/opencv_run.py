"""What OpenCV's dnn makes of an exported network: opencv_run.py MODEL.onnx IMAGES.f32 CHANNELS HEIGHT WIDTH

IMAGES.f32 holds float32 values, image after image. Prints JSON: OpenCV's version, and the probabilities of all
images, once given one by one and once in batches of five.
"""
import json
import sys

import cv2
import numpy


def probabilities(net, images, batch):
    rows = []
    for first in range(0, len(images), batch):
        net.setInput(images[first:first + batch])
        rows.extend(net.forward().tolist())
    return rows


def main():
    model, values = sys.argv[1:3]
    images = numpy.fromfile(values, numpy.float32).reshape(-1, *map(int, sys.argv[3:]))
    net = cv2.dnn.readNetFromONNX(model)
    answers = [probabilities(net, images, batch) for batch in (1, 5)]
    print(json.dumps({"version": cv2.__version__, "answers": answers}))


if __name__ == "__main__":
    main()
