-- Every validation looks up the last steps of its submission.
CREATE INDEX trail_by_content ON trail (content);
