package dev.hcp.controller.reconcile;

import java.util.List;

/** How two texts differ, line by line. */
final class Difference {
  /** Unchanged lines that are shown around a change. */
  private static final int CONTEXT = 3;

  private final List<String> left;
  private final List<String> right;

  /**
   * Length of the longest common subsequence of what follows line i on the left, j on the right.
   */
  private final int[][] common;

  private final StringBuilder text = new StringBuilder();

  private Difference(String left, String right) {
    this.left = left.lines().toList();
    this.right = right.lines().toList();
    this.common = new int[this.left.size() + 1][this.right.size() + 1];
  }

  /** The lines that are only on the left, with {@code -}, and those only on the right. */
  static String of(String left, String right) {
    return new Difference(left, right).compute();
  }

  private String compute() {
    for (int i = left.size() - 1; i >= 0; i--) {
      for (int j = right.size() - 1; j >= 0; j--) {
        common[i][j] =
            left.get(i).equals(right.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    int lastChange = Integer.MIN_VALUE / 2;
    while (i < left.size() || j < right.size()) {
      if (i < left.size() && j < right.size() && left.get(i).equals(right.get(j))) {
        if (i - lastChange <= CONTEXT || changesWithin(i, j)) {
          line(' ', left.get(i));
        }
        i++;
        j++;
      } else if (i < left.size() && (j == right.size() || common[i + 1][j] >= common[i][j + 1])) {
        line('-', left.get(i++));
        lastChange = i - 1;
      } else {
        line('+', right.get(j++));
        lastChange = i - 1;
      }
    }
    return text.toString();
  }

  /** Whether a change begins soon after a line that is the same on both sides. */
  private boolean changesWithin(int i, int j) {
    for (int k = 1; k <= CONTEXT; k++) {
      boolean leftEnds = i + k >= left.size();
      boolean rightEnds = j + k >= right.size();
      if (leftEnds || rightEnds) {
        return leftEnds != rightEnds;
      }
      if (!left.get(i + k).equals(right.get(j + k))) {
        return true;
      }
    }
    return false;
  }

  private void line(char sign, String content) {
    text.append(sign).append(' ').append(content).append('\n');
  }
}
