/usr/bin/yes
