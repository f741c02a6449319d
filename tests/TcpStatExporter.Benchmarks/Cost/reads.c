/*
 * Reads what the exporter reads in one tick, with as little C code as possible: each file in the arguments, with one
 * pread of an open descriptor, and parses its numbers; every socket that is neither in ESTABLISHED nor in TIME_WAIT,
 * counted by state; the listening sockets with their drops; the listening AF_UNIX sockets with their queues. With one of
 * these as the first argument, only a part of it or something else:
 *   --files  only the files
 *   --unix   only the AF_UNIX sockets
 *   --udp    the bound UDP sockets with their drops
 *   --waits  the listening sockets, and of each port the first connection that nobody has accepted when the program starts
 * Does one round for each byte of input, and prints the CPU nanoseconds of each round.
 */
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ESTABLISHED = 1, CLOSE = 7, CLOSE_WAIT = 8, TIME_WAIT = 6, LISTEN = 10, STATES = 13, MINISOCKET = 3, PORTS = 64 };

static char buffer[32768];
static unsigned long long sum;
static unsigned states[STATES], minisockets, queued, limits, drops;
static struct inet_diag_sockid oldest[PORTS];
static int waiting;

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

static void count_udp(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	queued += socket->idiag_rqueue;
	int rest = header->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
	for (const struct rtattr *a = (const struct rtattr *)(socket + 1); RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		if (a->rta_type == INET_DIAG_SKMEMINFO) {
			limits += ((const unsigned *)RTA_DATA(a))[SK_MEMINFO_RCVBUF];
			drops += ((const unsigned *)RTA_DATA(a))[SK_MEMINFO_DROPS];
		}
}

static void remember(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	if (socket->idiag_inode != 0 || waiting == PORTS)
		return;
	for (int i = 0; i < waiting; i++)
		if (oldest[i].idiag_sport == socket->id.idiag_sport)
			return;
	oldest[waiting++] = socket->id;
}

static void count_wait(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	int rest = header->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
	for (const struct rtattr *a = (const struct rtattr *)(socket + 1); RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		if (a->rta_type == INET_DIAG_INFO)
			sum += ((const struct tcp_info *)RTA_DATA(a))->tcpi_last_data_sent;
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
			if (!(h->nlmsg_flags & NLM_F_MULTI))
				return;
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

static void ask(int netlink, struct inet_diag_req_v2 body, int flags, void (*take)(const struct nlmsghdr *))
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = { .header = { sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | flags, 1, 0 }, .body = body };
	if (send(netlink, &request, sizeof request, 0) < 0)
		exit(4);
	receive(netlink, take);
}

static void dump_udp(int netlink)
{
	for (int family = 0; family < 2; family++)
		ask(netlink, (struct inet_diag_req_v2){ .sdiag_family = family ? AF_INET6 : AF_INET, .sdiag_protocol = IPPROTO_UDP,
			.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1), .idiag_states = 1 << CLOSE }, NLM_F_DUMP, count_udp);
}

static void find_waiting(int netlink)
{
	ask(netlink, (struct inet_diag_req_v2){ .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
		.idiag_states = 1 << ESTABLISHED | 1 << CLOSE_WAIT }, NLM_F_DUMP, remember);
}

static void read_waits(int netlink)
{
	for (int i = 0; i < waiting; i++)
		ask(netlink, (struct inet_diag_req_v2){ .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1), .idiag_states = -1, .id = oldest[i] }, 0, count_wait);
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
	const char *only = count > 1 && paths[1][0] == '-' ? paths[1] + 2 : "";
	int first = *only ? 2 : 1;
	for (int i = first; i < count; i++)
		files[i] = open(paths[i], O_RDONLY);
	if (!strcmp(only, "waits"))
		find_waiting(netlink);
	while (getchar() != EOF) {
		struct timespec start, end;
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
		for (int i = first; i < count; i++)
			read_numbers(files[i]);
		if (!*only)
			dump(netlink, 0xfff & ~(1 << ESTABLISHED | 1 << TIME_WAIT), 0);
		if (!*only || !strcmp(only, "waits"))
			dump(netlink, 1 << LISTEN, 1 << (INET_DIAG_SKMEMINFO - 1));
		if (!strcmp(only, "waits"))
			read_waits(netlink);
		if (!strcmp(only, "udp"))
			dump_udp(netlink);
		if (!*only || !strcmp(only, "unix"))
			dump_unix(netlink);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
		printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec);
		fflush(stdout);
	}
	/* use what was read, so the compiler cannot remove the reads */
	return sum + minisockets + queued + limits + drops == 0;
}
