/** The session cookie of each side: its name, and how an answer sets or ends it. */
import type { FastifyReply } from "fastify"
import { cookieKept } from "./cookies.ts"
import { type Side, SignedIn, type SignedOut } from "../../kernel/route.ts"

export interface CookieOptions {
    readonly side: Side
    /** Whether people reach it by https (or on localhost): the cookie is then `Secure` and host-bound. */
    readonly secureCookies: boolean
}

const names: Readonly<Record<Side, string>> = { console: "tocsin-console", portal: "tocsin-portal" }

export function sessionCookieName({ side, secureCookies }: CookieOptions): string {
    return `${secureCookies ? "__Host-" : ""}${names[side]}`
}

export function setSessionCookie(options: CookieOptions, reply: FastifyReply, answer: SignedIn | SignedOut): object {
    const cookie = { name: sessionCookieName(options), isSecure: options.secureCookies }
    const { secret, secondsMax } = answer instanceof SignedIn ? answer : { secret: "", secondsMax: 0 }
    reply.header("set-cookie", cookieKept({ ...cookie, value: secret, secondsMax }))
    return {}
}
