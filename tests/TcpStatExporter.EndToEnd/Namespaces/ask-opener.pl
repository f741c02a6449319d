# Asks the opener for the network namespace of a process, with nothing but perl-base: for users and machines on which the
# tests themselves cannot run. Prints the ports that listen there on IPv4, or why there is no answer. The numbers of system
# calls are those of x86-64.
#   perl ask-opener.pl SOCKET PID [PORT]
# With the environment variable USERS="A B", root connects as user A and becomes user B before it asks.
# With PORT, it then tries to close the listener on 127.0.0.1:PORT (SOCK_DESTROY), and prints the errno.
use strict;
use Socket;
my ($path, $pid, $port) = @ARGV;
my ($sendmsg, $recvmsg, $sendto, $read, $pidfd_open) = (46, 47, 44, 0, 434);
$SIG{ALRM} = sub { print "no answer\n"; exit 1 };
alarm 20;
socket(my $connection, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
my @users = split ' ', $ENV{USERS} // '';
$> = $users[0] if @users;
connect($connection, pack_sockaddr_un($path)) or do { print "connect: $!\n"; exit 1 };
if (@users) {
    $> = 0;
    ($<, $>) = ($users[1], $users[1]);
    $> == $users[1] && $< == $users[1] or die "setuid: $!";
    $| = 1;
    print "connected\n";
}
my $process = syscall($pidfd_open, int $pid, 0);
$process >= 0 or do { print "pidfd_open: $!\n"; exit 1 };

# struct iovec, cmsghdr and msghdr
my ($data, $control) = ("\1", pack('Q l l l x4', 20, 1, 1, $process));
my $vector = pack('P Q', $data, 1);
my $header = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, length $control, 0);
syscall($sendmsg, fileno $connection, $header, 0x4000) == 1 or do { print "refused\n"; exit 1 };
($data, $control) = ("\0" x 4, "\0" x 24);
$vector = pack('P Q', $data, 4);
$header = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, length $control, 0);
my $length = syscall($recvmsg, fileno $connection, $header, 0);
$length == 4 or do { print "refused\n"; exit 1 };
my $errno = unpack('l', $data);
if ($errno) { print "errno $errno\n"; exit 1 }
my $diag = unpack('x16 l', $control);

# struct nlmsghdr and inet_diag_req_v2: all that listen on IPv4
my $request = pack('L S S L L C C C x L x48', 72, 20, 0x301, 1, 0, AF_INET, 6, 0, 1 << 10);
syscall($sendto, $diag, $request, length $request, 0, 0, 0) == length $request or die "sendto: $!";
my @ports;
DUMP: while (1) {
    my $reply = "\0" x 32768;
    my $count = syscall($read, $diag, $reply, length $reply);
    $count > 0 or die "read: $!";
    for (my $at = 0; $at < $count;) {
        my ($size, $type) = unpack('L S', substr $reply, $at, 6);
        $type != 2 or die 'the kernel refuses the dump';
        last DUMP if $type == 3;
        push @ports, unpack('n', substr $reply, $at + 20, 2);
        $at += ($size + 3) & ~3;
    }
}
print "ports @ports\n";
if ($port) {
    # struct inet_diag_sockid: ports, addresses, interface and any cookie
    $request = pack('L S S L L C C C x L n n N x12 x16 L L L', 72, 21, 5, 2, 0, AF_INET, 6, 0, 1 << 10, $port, 0, 0x7f000001, 0, 0xffffffff, 0xffffffff);
    syscall($sendto, $diag, $request, length $request, 0, 0, 0) == length $request or die "sendto: $!";
    my $reply = "\0" x 32768;
    syscall($read, $diag, $reply, length $reply) >= 20 or die "read: $!";
    printf "destroy errno %d\n", -unpack('x16 l', $reply);
}
