/**
 * Implements the part of DNS (RFC 1035) that answers for one zone whose names all have the same address.
 *
 * Strangers choose the bytes. No function throws or reads beyond them, and an answer is at most 40 bytes longer than
 * its question. So forged senders cannot amplify traffic.
 */
export interface Query {
    /** The kind of query; 0 for an ordinary one. */
    readonly opcode: number
    /** Null unless the packet has exactly one readable question. */
    readonly question: Question | null
}

/** The question of a DNS query. */
export interface Question {
    /** In lower case, leftmost label first. Bytes are read as Latin-1. */
    readonly labels: readonly string[]
    readonly type: number
    readonly class: number
    /** The offset of the question's end in the packet. */
    readonly end: number
}

/** The zone that the listener answers for. */
export interface Zone {
    /** Labels of the domain, in lower case. */
    readonly labels: readonly string[]
    /** The address of all names, in 4 bytes and in 16; null where there is none of that family. */
    readonly ipv4: Uint8Array | null
    readonly ipv6: Uint8Array | null
}

const headerBytes = 12
const nameBytesMax = 255
const questionAt = headerBytes
const types = { a: 1, ns: 2, soa: 6, aaaa: 28 } as const
const classInternet = 1
const codes = { fine: 0, malformed: 1, notImplemented: 4, refused: 5 } as const
/** In seconds, also for missing names. Short, so that a second look-up also reaches the listener. */
const ttl = 60

/**
 * Parses a query. Returns null for a packet that is not a query. It gets no answer, because answers to answers could
 * loop.
 */
export function readQuery(packet: Uint8Array): Query | null {
    if (packet.length < headerBytes || (byteAt(packet, 2) & 0x80) !== 0) return null
    const opcode = (byteAt(packet, 2) >> 3) & 0x0f
    return { opcode, question: uint16At(packet, 4) === 1 ? readQuestion(packet) : null }
}

function readQuestion(packet: Uint8Array): Question | null {
    const labels: string[] = []
    let offset = questionAt
    while (byteAt(packet, offset) !== 0) {
        const length = byteAt(packet, offset)
        const end = offset + 1 + length
        // Two high bits would make a pointer, and a question has nothing to point to.
        if (length > 63 || end >= packet.length || end - questionAt >= nameBytesMax) return null
        labels.push(String.fromCharCode(...packet.subarray(offset + 1, end)).toLowerCase())
        offset = end
    }
    const end = offset + 5
    if (end > packet.length) return null
    return { labels, type: uint16At(packet, offset + 1), class: uint16At(packet, offset + 3), end }
}

/** Whether the question is about the zone or a name in it. */
export function isInZone({ labels }: Question, zone: Zone): boolean {
    const suffix = labels.slice(-zone.labels.length)
    return labels.length >= zone.labels.length && suffix.every((label, i) => label === zone.labels[i])
}

/** Returns the label directly below the zone; null for the zone itself and outside of it. */
export function labelBelowZone(question: Question, zone: Zone): string | null {
    return isInZone(question, zone) ? (question.labels[question.labels.length - zone.labels.length - 1] ?? null) : null
}

/** Returns the answer: the same for every name in the zone, known or not. Refuses names outside of it. */
export function answerTo(packet: Uint8Array, { opcode, question }: Query, zone: Zone): Uint8Array {
    if (opcode !== 0) return buildAnswer(packet, null, codes.notImplemented)
    if (question === null) return buildAnswer(packet, null, codes.malformed)
    if (!isInZone(question, zone) || question.class !== classInternet)
        return buildAnswer(packet, question, codes.refused)
    const zoneOffset = zoneOffsetIn(question, zone)
    const isApex = question.labels.length === zone.labels.length
    const recordWith = (type: number, data: readonly number[]) => recordOf(questionAt, type, data)
    const { type } = question
    if (type === types.a && zone.ipv4)
        return buildAnswer(packet, question, codes.fine, { answer: recordWith(type, [...zone.ipv4]) })
    if (type === types.aaaa && zone.ipv6) {
        return buildAnswer(packet, question, codes.fine, { answer: recordWith(type, [...zone.ipv6]) })
    }
    if (isApex && type === types.ns) {
        return buildAnswer(packet, question, codes.fine, {
            answer: recordWith(type, [2, 0x6e, 0x73, ...pointer(zoneOffset)]),
        })
    }
    const soa = recordOf(zoneOffset, types.soa, soaData(zoneOffset))
    if (isApex && type === types.soa) return buildAnswer(packet, question, codes.fine, { answer: soa })
    return buildAnswer(packet, question, codes.fine, { authority: soa })
}

/** Returns an answer that is marked as truncated, so that a real resolver asks again over TCP. */
export function truncatedAnswer(packet: Uint8Array, { question }: Query): Uint8Array {
    const answer = buildAnswer(packet, question, codes.fine)
    answer[2] = byteAt(answer, 2) | 0x02
    return answer
}

interface Records {
    readonly answer?: readonly number[]
    readonly authority?: readonly number[]
}

function buildAnswer(
    packet: Uint8Array,
    question: Question | null,
    code: number,
    { answer, authority }: Records = {},
): Uint8Array {
    const isAuthoritative = code === codes.fine
    // Marks an answer, authoritative where the name is ours. Repeats the opcode and the wish for recursion, which is
    // never granted.
    const flags = 0x80 | (byteAt(packet, 2) & 0x79) | (isAuthoritative ? 0x04 : 0)
    const header = [byteAt(packet, 0), byteAt(packet, 1), flags, code]
    const counts = [question, answer, authority, undefined].flatMap((item) => [0, item ? 1 : 0])
    const questionBytes = question === null ? [] : packet.subarray(questionAt, question.end)
    return Uint8Array.from([...header, ...counts, ...questionBytes, ...(answer ?? []), ...(authority ?? [])])
}

const recordOf = (name: number, type: number, data: readonly number[]): number[] => [
    ...pointer(name),
    0,
    type,
    0,
    classInternet,
    0,
    0,
    0,
    ttl,
    0,
    data.length,
    ...data,
]

/** Returns the data of the SOA record. Its names point to the zone and disclose no one. */
function soaData(zoneOffset: number): number[] {
    const seconds = [1, 3600, 600, 86_400, ttl]
    return [
        ...pointer(zoneOffset),
        ...pointer(zoneOffset),
        ...seconds.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
    ]
}

/** Returns the offset of the zone's name in the question. */
function zoneOffsetIn({ labels }: Question, zone: Zone): number {
    const before = labels.slice(0, labels.length - zone.labels.length)
    return questionAt + before.reduce((sum, label) => sum + label.length + 1, 0)
}

/** Returns a pointer to a name at an offset of the packet. */
const pointer = (offset: number): [number, number] => [0xc0 | (offset >> 8), offset & 0xff]

const byteAt = (bytes: Uint8Array, offset: number): number => bytes[offset] ?? 0
const uint16At = (bytes: Uint8Array, offset: number): number => (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1)
