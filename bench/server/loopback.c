/* A fast loopback server that gives canned replies: one thread, epoll, keep-alive.
 *
 * usage: loopback DIRECTORY SECONDS
 *
 * DIRECTORY/routes has one route a line, the first match wins:
 *     METHOD PATTERN FLAG MODE SIZE FILE
 * PATTERN is a shell pattern for the path without its query. FLAG "stream" asks for
 * "stream": true in the request's body, "-" for nothing. FILE is the reply as it goes
 * over the wire, head included. MODE says how it is sent:
 *     whole    as much in one write as the socket takes
 *     pieces   one write for the head and one for each chunk of a chunked body
 *     fill     the file is only the head; SIZE zero bytes follow
 *     late     as whole, SIZE milliseconds after the request
 *
 * The text @PORT in a reply becomes the port (always five digits). GET /connections is
 * answered with the number of connections that were accepted.
 * Prints the port, and ends when standard input closes or after SECONDS.
 * It is not an HTTP server for anything but a benchmark: it trusts its client.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUTES = 64, MAX_HEAD = 65536, BLOCK = 262144, MAX_EVENTS = 64 };

typedef struct {
    char method[8], pattern[256];
    int wants_stream, pieces;
    char *data;
    size_t size, fill, head, late_ms;
} Route;

typedef enum { READ_HEAD, READ_BODY, READ_CHUNKS, WAIT, WRITE } State;

typedef struct Client {
    int fd;
    State state;
    char in[MAX_HEAD + 1]; /* the head, and as much of the body as fits behind it */
    size_t in_size, body_at;
    size_t body_left; /* in READ_CHUNKS: of this chunk and its line end */
    char line[32];    /* the size line of a chunk, as far as it has come */
    size_t line_size;
    int last_chunk;
    const Route *route;
    size_t sent;
    long long due_ms;
    struct Client *next; /* in the queue of those that wait */
} Client;

static Route routes[MAX_ROUTES];
static int route_count;
static char block[BLOCK], zeros[BLOCK];
static const char not_found[] =
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
    "Content-Length: 63\r\n\r\n"
    "{\"error\":{\"type\":\"not_found_error\",\"message\":\"no such route\"}}\n";
static Route missing, counted;
static char counted_text[128];
static int accepted;
static Client *first_waiting, *last_waiting;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    if (!data || fread(data, 1, *size, file) != *size) fail(path);
    data[*size] = 0;
    fclose(file);
    return data;
}

static void patch_port(Route *route, int port) {
    char digits[8];
    snprintf(digits, sizeof digits, "%05d", port);
    char *at = route->data;
    while ((at = memmem(at, route->size - (size_t)(at - route->data), "@PORT", 5)))
        memcpy(at, digits, 5);
}

static void load_routes(const char *directory, int port) {
    char path[4096], file[256], flag[16], mode[16];
    snprintf(path, sizeof path, "%s/routes", directory);
    FILE *table = fopen(path, "r");
    if (!table) fail(path);
    while (route_count < MAX_ROUTES) {
        Route *route = &routes[route_count];
        if (fscanf(table, "%7s %255s %15s %15s %zu %255s", route->method,
                   route->pattern, flag, mode, &route->fill, file) != 6)
            break;
        snprintf(path, sizeof path, "%s/%s", directory, file);
        route->data = read_file(path, &route->size);
        route->wants_stream = strcmp(flag, "stream") == 0;
        route->pieces = strcmp(mode, "pieces") == 0;
        if (strcmp(mode, "late") == 0) {
            route->late_ms = route->fill;
            route->fill = 0;
        }
        char *end = memmem(route->data, route->size, "\r\n\r\n", 4);
        if (!end) fail("a reply without the end of its head");
        route->head = (size_t)(end - route->data) + 4;
        patch_port(route, port);
        route_count++;
    }
    fclose(table);
    missing.data = (char *)not_found;
    missing.size = missing.head = sizeof not_found - 1;
}

static int asks_for_stream(const char *body) {
    return strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
}

static const Route *find_route(const Client *client) {
    char method[8] = "", path[2048] = "";
    sscanf(client->in, "%7s %2047s", method, path);
    path[strcspn(path, "?")] = 0;
    if (strcmp(path, "/connections") == 0) {
        int digits = accepted < 10 ? 1 : accepted < 100 ? 2 : accepted < 1000 ? 3 : 4;
        counted.size = counted.head = (size_t)snprintf(
            counted_text, sizeof counted_text,
            "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%d", digits, accepted);
        counted.data = counted_text;
        return &counted;
    }
    int streams = asks_for_stream(client->in + client->body_at);
    for (int i = 0; i < route_count; i++) {
        const Route *route = &routes[i];
        if (strcmp(route->method, method) || fnmatch(route->pattern, path, 0)) continue;
        if (route->wants_stream && !streams) continue;
        return route;
    }
    return &missing;
}

/* How many bytes the next write may have: a reply in pieces stops after each chunk. */
static size_t piece_end(const Route *route, size_t sent) {
    if (!route->pieces) return route->size;
    size_t at = 0, end = route->head;
    static const Route *last_route; /* the search goes on where it stopped */
    static size_t last_at;
    if (last_route == route && last_at <= sent && last_at >= route->head) at = last_at;
    if (at == 0) {
        if (sent < end) return end;
        at = end;
    }
    while (at <= sent && at < route->size) {
        char *line = route->data + at;
        last_at = at;
        last_route = route;
        size_t length = strtoul(line, NULL, 16);
        at = (size_t)((char *)memchr(line, '\n', 32) - route->data) + 1 + length + 2;
    }
    return at < route->size ? at : route->size;
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void start_reply(Client *client) {
    client->route = find_route(client);
    client->sent = 0;
    client->state = client->route->late_ms ? WAIT : WRITE;
    if (client->state == WRITE) return;
    /* One delay for all: the queue is in the order in which they are due. */
    client->due_ms = now_ms() + (long long)client->route->late_ms;
    client->next = NULL;
    if (last_waiting) last_waiting->next = client;
    else first_waiting = client;
    last_waiting = client;
}

/* Bytes of a chunked request body: count them off, keep nothing. */
static void eat_chunks(Client *client, const char *data, size_t size) {
    while (size && client->state == READ_CHUNKS) {
        if (client->body_left) {
            size_t step = size < client->body_left ? size : client->body_left;
            client->body_left -= step;
            data += step;
            size -= step;
            if (!client->body_left && client->last_chunk) start_reply(client);
            continue;
        }
        char byte = *data++;
        size--;
        if (client->line_size + 1 < sizeof client->line)
            client->line[client->line_size++] = byte;
        if (byte != '\n') continue;
        client->line[client->line_size] = 0;
        client->line_size = 0;
        size_t length = strtoul(client->line, NULL, 16);
        client->last_chunk = length == 0;
        client->body_left = length + 2;
    }
}

static void read_head(Client *client) {
    client->in[client->in_size] = 0;
    char *end = strstr(client->in, "\r\n\r\n");
    if (!end) return;
    client->body_at = (size_t)(end - client->in) + 4;
    size_t have = client->in_size - client->body_at;
    *end = 0; /* the searches below see the head only */
    char *length = strcasestr(client->in, "\ncontent-length:");
    int chunked = strcasestr(client->in, "\ntransfer-encoding: chunked") != NULL;
    size_t size = length ? strtoul(length + 16, NULL, 10) : 0;
    *end = '\r';
    if (chunked) {
        client->state = READ_CHUNKS;
        client->body_left = client->line_size = 0;
        client->last_chunk = 0;
        eat_chunks(client, client->in + client->body_at, have);
    } else if (have < size) {
        client->state = READ_BODY;
        client->body_left = size - have;
    } else {
        start_reply(client);
    }
}

static void read_body(Client *client, size_t size) {
    size_t room = MAX_HEAD - client->in_size, keep = size < room ? size : room;
    memcpy(client->in + client->in_size, block, keep);
    client->in_size += keep;
    client->in[client->in_size] = 0;
    client->body_left -= size;
    if (!client->body_left) start_reply(client);
}

/* 0: the other side has closed */
static int on_readable(Client *client) {
    for (int turn = 0; turn < 64 && client->state < WAIT; turn++) {
        int head = client->state == READ_HEAD;
        char *to = head ? client->in + client->in_size : block;
        size_t room = head ? MAX_HEAD - client->in_size : BLOCK;
        if (client->state == READ_BODY && room > client->body_left)
            room = client->body_left;
        ssize_t got = room ? recv(client->fd, to, room, 0) : 0;
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return 0;
        if (head) {
            client->in_size += (size_t)got;
            read_head(client);
        } else if (client->state == READ_BODY) {
            read_body(client, (size_t)got);
        } else {
            eat_chunks(client, block, (size_t)got);
        }
    }
    return 1;
}

/* 0: the other side has closed */
static int on_writable(Client *client) {
    const Route *route = client->route;
    size_t total = route->size + route->fill;
    while (client->sent < total) {
        const char *from;
        size_t size;
        if (client->sent < route->size) {
            from = route->data + client->sent;
            size = piece_end(route, client->sent) - client->sent;
        } else {
            from = zeros;
            size = total - client->sent < BLOCK ? total - client->sent : BLOCK;
        }
        ssize_t put = send(client->fd, from, size, MSG_NOSIGNAL);
        if (put < 0) return errno == EAGAIN;
        client->sent += (size_t)put;
    }
    client->state = READ_HEAD;
    client->in_size = 0;
    return 1;
}

static int serve(Client *client) {
    if (client->state < WAIT && !on_readable(client)) return 0;
    return client->state != WRITE || on_writable(client);
}

static void watch(int poll, Client *client, int how) {
    struct epoll_event event = {.data.ptr = client};
    event.events = client->state == WRITE  ? EPOLLOUT
                   : client->state == WAIT ? 0
                                           : EPOLLIN;
    epoll_ctl(poll, how, client->fd, &event);
}

static void welcome(int poll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Client *client = calloc(1, sizeof *client);
    if (!client) fail("calloc");
    client->fd = fd;
    accepted++;
    watch(poll, client, EPOLL_CTL_ADD);
}

/* Milliseconds until the next late reply is due, after those that are were released. */
static int release_due(int poll) {
    long long now = now_ms();
    while (first_waiting && first_waiting->due_ms <= now) {
        Client *client = first_waiting;
        first_waiting = client->next;
        if (!first_waiting) last_waiting = NULL;
        client->state = WRITE;
        watch(poll, client, EPOLL_CTL_MOD);
    }
    return first_waiting ? (int)(first_waiting->due_ms - now) : -1;
}

static int listen_on_loopback(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        fail("listen on 127.0.0.1");
    *port = ntohs(address.sin_port);
    return fd;
}

static void run(int listener) {
    int poll = epoll_create1(0);
    struct epoll_event on_listen = {.events = EPOLLIN, .data.ptr = &routes};
    struct epoll_event on_stdin = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &on_listen);
    epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &on_stdin);
    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int count = epoll_wait(poll, events, MAX_EVENTS, release_due(poll));
        for (int i = 0; i < count; i++) {
            Client *client = events[i].data.ptr;
            if (!client) {
                if (read(STDIN_FILENO, block, sizeof block) <= 0) return;
            } else if ((void *)client == (void *)&routes) {
                welcome(poll, listener);
            } else {
                State before = client->state;
                if (!serve(client)) {
                    close(client->fd);
                    free(client);
                } else if (before != client->state) {
                    watch(poll, client, EPOLL_CTL_MOD);
                }
            }
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s DIRECTORY SECONDS\n", argv[0]);
        return 2;
    }
    int port;
    alarm((unsigned)atoi(argv[2]));
    int listener = listen_on_loopback(&port);
    load_routes(argv[1], port);
    printf("%d\n", port);
    fflush(stdout);
    run(listener);
    return 0;
}
