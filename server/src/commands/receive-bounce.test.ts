import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type PartnerMachine, createPartnerMachine } from "../../../test/support/partner.ts"
import { bounceBytesMax } from "../trust/mail/bounce.ts"
import { receiveBounce } from "./receive-bounce.ts"

const token = "0123456789abcdef".repeat(3)
const address = `bounces+${token}@program.example`
const failed = "Final-Recipient: rfc822; p1@partner.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
const secret = "a word of the partner's own"

let desk: PartnerMachine
let requests: { url: string; body: unknown }[]
let answer: () => Promise<Response>
beforeEach(() => {
    desk = createPartnerMachine()
    requests = []
    answer = async () => Response.json({})
})
afterEach(() => desk.close())

async function* inPieces(text: string, total = 1000) {
    for (let at = 0; at < text.length; at += total) yield Buffer.from(text.slice(at, at + total))
}

function handedIn(message: string, to = address, at = "https://console.program.example") {
    const fetch = async (url: string | URL | Request, init?: RequestInit) => {
        requests.push({ url: String(url instanceof Request ? url.url : url), body: init?.body })
        return await answer()
    }
    return receiveBounce(to, { console: at }, inPieces(message), { ...desk.world, fetch })
}

describe("tocsin receive-bounce", () => {
    test("reports which mail failed, and no word of the message", async () => {
        expect(await handedIn(`Subject: ${secret}\r\n\r\n${failed}\r\n${secret}`)).toBe(0)
        expect(requests).toEqual([
            {
                url: "https://console.program.example/api/bounces",
                body: JSON.stringify({ token, outcome: "failed" }),
            },
        ])
        expect(desk.take()).toEqual({ results: [], messages: [] })
    })

    test.each([
        ["an answer from a holiday", "I am away.", address],
        ["what comes to no mail's address", `\r\n${failed}`, "bounces@program.example"],
        ["what says so too far behind", `${"x".repeat(bounceBytesMax)}\r\n\r\n${failed}`, address],
    ])("contacts no server about %s", async (_, message, to) => {
        expect(await handedIn(message, to)).toBe(0)
        expect(requests).toEqual([])
    })

    test("reads a long message to its end, so that the mail server is not cut off", async () => {
        let read = 0
        const long = async function* () {
            yield Buffer.from(`\r\n\r\n${failed}\r\n`)
            for (; read < 5_000; read++) yield Buffer.alloc(1000)
        }
        const world = { ...desk.world, fetch: () => answer() }
        expect(await receiveBounce(address, { console: "http://localhost:8440" }, long(), world)).toBe(0)
        expect(read).toBe(5_000)
    })

    test.each([
        ["a mail that is none of ours is done with", 404, { code: "delivery.mail_not_found" }, 0],
        ["another 404 is not: that is not the console", 404, { code: "request.not_found" }, 75],
        ["nor is a page", 404, "<html>", 75],
        ["too much at once waits", 429, { code: "request.too_many" }, 75],
        ["a fault waits", 500, {}, 75],
    ])("%s", async (_, status, input, exit) => {
        answer = async () => Response.json(input, { status })
        expect(await handedIn(failed)).toBe(exit)
        expect(desk.take().messages.length).toBe(exit === 0 ? 0 : 1)
    })

    test("asks the mail server to try again without an answer", async () => {
        answer = async () => Promise.reject(new TypeError("fetch failed"))
        expect(await handedIn(failed)).toBe(75)
        expect(desk.take().messages).toEqual(["the console does not answer: try again later"])
    })

    test("is used wrongly without the address of a console", async () => {
        expect(await handedIn(failed, address, "console")).toBe(2)
        expect(requests).toEqual([])
    })
})
