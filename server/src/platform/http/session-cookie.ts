/** Sets and deletes the session cookie of each side. */
import type { FastifyReply } from "fastify"
import { formatCookie } from "./cookies.ts"
import { type Side, SignInAnswer, type SignOutAnswer } from "../../kernel/route.ts"

export interface CookieOptions {
    readonly side: Side
    /** Whether people use https or localhost: the cookie is then `Secure` and host-bound. */
    readonly secureCookies: boolean
}

const names: Readonly<Record<Side, string>> = { console: "tocsin-console", portal: "tocsin-portal" }

export function sessionCookieName({ side, secureCookies }: CookieOptions): string {
    return `${secureCookies ? "__Host-" : ""}${names[side]}`
}

export function setSessionCookie(
    options: CookieOptions,
    reply: FastifyReply,
    answer: SignInAnswer | SignOutAnswer,
): object {
    const cookie = { name: sessionCookieName(options), isSecure: options.secureCookies }
    const { secret, secondsMax } = answer instanceof SignInAnswer ? answer : { secret: "", secondsMax: 0 }
    reply.header("set-cookie", formatCookie({ ...cookie, value: secret, secondsMax }))
    return {}
}
