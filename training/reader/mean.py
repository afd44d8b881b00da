"""Writes the mean of checkpoints' averaged weights: one net that reads better than each of them.

    python mean.py OUT CHECKPOINT CHECKPOINT...

The checkpoints must be ends of runs of which each began from the one before: then their weights lie in
one basin and the mean of them nearer its middle (Wortsman et al., "Model soups", 2022). What else the
last checkpoint holds goes along, so that OUT can be exported or trained on from."""
import argparse

import torch


def mean(checkpoints):
    """The last of the checkpoints, its averaged weights replaced by the mean of all of theirs."""
    out = checkpoints[-1]
    for name, value in out['average'].items():
        if value.is_floating_point():
            all_of_it = torch.stack([c['average'][name] for c in checkpoints])
            out['average'][name] = all_of_it.mean(0)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out')
    parser.add_argument('checkpoint', nargs='+')
    a = parser.parse_args()
    torch.save(mean([torch.load(c, map_location='cpu') for c in a.checkpoint]), a.out)


if __name__ == '__main__':
    main()
