/*
 * Reads what the exporter reads in one tick, with as little C code as possible: each file in the arguments, with one
 * pread of an open descriptor, and parses its numbers; every socket that is neither in ESTABLISHED nor in TIME_WAIT,
 * counted by state; the listening sockets with their drops; the listening AF_UNIX sockets with their queues. With "--unix"
 * as the only argument, only those. Does one round for each byte of input, and prints the CPU nanoseconds of each round.
 */
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ESTABLISHED = 1, TIME_WAIT = 6, LISTEN = 10, STATES = 13, MINISOCKET = 3 };

static char buffer[32768];
static unsigned long long sum;
static unsigned states[STATES], minisockets, queued, limits, drops;

static void read_numbers(int file)
{
	ssize_t length = pread(file, buffer, sizeof buffer - 1, 0);
	if (length < 0)
		exit(3);
	buffer[length] = 0;
	for (char *at = buffer; *at;) {
		if (*at >= '0' && *at <= '9')
			sum += strtoull(at, &at, 10);
		else
			at++;
	}
}

static void count(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	states[socket->idiag_state % STATES]++;
	minisockets += socket->idiag_timer == MINISOCKET;
	if (socket->idiag_state != LISTEN)
		return;
	queued += socket->idiag_rqueue;
	limits += socket->idiag_wqueue;
	int rest = header->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
	for (const struct rtattr *a = (const struct rtattr *)(socket + 1); RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		if (a->rta_type == INET_DIAG_SKMEMINFO)
			drops += ((const unsigned *)RTA_DATA(a))[SK_MEMINFO_DROPS];
}

static void count_unix(const struct nlmsghdr *header)
{
	const struct unix_diag_msg *socket = NLMSG_DATA(header);
	int rest = header->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
	for (const struct rtattr *a = (const struct rtattr *)(socket + 1); RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		if (a->rta_type == UNIX_DIAG_RQLEN) {
			const struct unix_diag_rqlen *queue = RTA_DATA(a);
			queued += queue->udiag_rqueue;
			limits += queue->udiag_wqueue;
		}
}

static void receive(int netlink, void (*take)(const struct nlmsghdr *))
{
	for (;;) {
		int length = recv(netlink, buffer, sizeof buffer, 0);
		if (length <= 0)
			exit(5);
		for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return;
			if (h->nlmsg_type == NLMSG_ERROR)
				exit(6);
			take(h);
		}
	}
}

static void dump_unix(int netlink)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} request = {
		.header = { sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		.body = { .sdiag_family = AF_UNIX, .udiag_states = 1 << LISTEN, .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID },
	};
	if (send(netlink, &request, sizeof request, 0) < 0)
		exit(4);
	receive(netlink, count_unix);
}

static void dump(int netlink, unsigned mask, int extensions)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req body;
	} request = {
		.header = { sizeof request, TCPDIAG_GETSOCK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		.body = { .idiag_ext = extensions, .idiag_states = mask },
	};
	if (send(netlink, &request, sizeof request, 0) < 0)
		exit(4);
	receive(netlink, count);
}

int main(int count, char **paths)
{
	int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	int files[64];
	if (netlink < 0 || count > 64)
		return 2;
	int only_unix = count == 2 && strcmp(paths[1], "--unix") == 0;
	for (int i = 1; i < count && !only_unix; i++)
		files[i] = open(paths[i], O_RDONLY);
	while (getchar() != EOF) {
		struct timespec start, end;
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
		if (!only_unix) {
			for (int i = 1; i < count; i++)
				read_numbers(files[i]);
			dump(netlink, 0xfff & ~(1 << ESTABLISHED | 1 << TIME_WAIT), 0);
			dump(netlink, 1 << LISTEN, 1 << (INET_DIAG_SKMEMINFO - 1));
		}
		dump_unix(netlink);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
		printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec);
		fflush(stdout);
	}
	/* use what was read, so the compiler cannot remove the reads */
	return sum + minisockets + queued + limits + drops == 0;
}
