/**
 * Runs `tocsin receive-bounce ADDRESS` at the end of a mail server's pipe, with a message to the bounce address. It has
 * no key, token or database. It tells the console the message's token, and whether the mail failed or is delayed. The
 * message stays on this machine. Senders of mail to the bounce address can cause nothing else.
 */
import type { Command } from "commander"
import { type BounceOutcome, outcomeIn, bounceBytesMax, tokenIn } from "../trust/mail/bounce.ts"
import { type World, realWorld } from "@tocsin/client/commands/connection"

export interface BounceOptions {
    readonly console: string
}

/** 75 makes the mail server try again. Other codes end it; messages that are not our bounces are dropped. */
export type BounceExit = 0 | 2 | 75

const answerMsMax = 20_000

/** Adds `tocsin receive-bounce` to the program. */
export function bounceCommand(program: Command): void {
    program
        .command("receive-bounce")
        .description("Receive a bounced mail on standard input, from a mail server's pipe")
        .argument("<address>", "the address to which the mail was returned")
        .requiredOption("--console <url>", "the console's address")
        .action(async (address: string, options: BounceOptions) => {
            process.exitCode = await receiveBounce(address, options, process.stdin, realWorld)
        })
}

/** Reads a message and reports it to the console. */
export async function receiveBounce(
    address: string,
    options: BounceOptions,
    message: AsyncIterable<Uint8Array>,
    world: World,
): Promise<BounceExit> {
    const url = URL.parse("/api/bounces", options.console)
    if (url === null) {
        world.message("no console address: set --console https://…")
        return 2
    }
    const [token, outcome] = [tokenIn(address), outcomeIn(await readBeginning(message))]
    if (token === null || outcome === null) return 0
    return await postBounce(url, { token, outcome }, world)
}

async function postBounce(
    url: URL,
    body: { readonly token: string; readonly outcome: BounceOutcome },
    world: World,
): Promise<BounceExit> {
    try {
        const answer = await (world.fetch ?? fetch)(url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
            redirect: "error",
            signal: AbortSignal.timeout(answerMsMax),
        })
        if (answer.ok || (await readErrorCode(answer)) === "delivery.mail_not_found") return 0
        world.message(`the console answered ${answer.status}: try again later`)
    } catch {
        world.message("the console does not answer: try again later")
    }
    return 75
}

/** An address that is not the console also refuses; the message must then not be dropped. */
async function readErrorCode(answer: Response): Promise<unknown> {
    const body = (await answer.json().catch(() => null)) as { readonly code?: unknown } | null
    return body?.code
}

/** Reads to the end, so that the writer is not cut off, and keeps a limited part. */
async function readBeginning(message: AsyncIterable<Uint8Array>): Promise<string> {
    const pieces: Uint8Array[] = []
    let bytesLeft = bounceBytesMax
    for await (const piece of message) {
        if (bytesLeft > 0) pieces.push(piece.subarray(0, bytesLeft))
        bytesLeft -= piece.length
    }
    return Buffer.concat(pieces).toString("latin1")
}
