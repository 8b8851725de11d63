create table book (title text);
