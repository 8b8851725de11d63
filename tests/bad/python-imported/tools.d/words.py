from collections import Counter as count
