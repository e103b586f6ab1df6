/** Sets and deletes the session cookie of each side. */
import type { FastifyReply } from "fastify"
import { formatCookie } from "./cookies.ts"
import { type Side, SignInAnswer, type SignOnAnswer, type SignOutAnswer } from "../../kernel/route.ts"

export interface CookieOptions {
    readonly side: Side
    /** Whether people use https or localhost: the cookie is then `Secure` and host-bound. */
    readonly secureCookies: boolean
}

const names: Readonly<Record<Side, string>> = { console: "tocsin-console", portal: "tocsin-portal" }

export function sessionCookieName({ side, secureCookies }: CookieOptions): string {
    return `${secureCookies ? "__Host-" : ""}${names[side]}`
}

/** The cookie of a single sign-on that a browser has begun. */
export const signOnCookieName = (options: CookieOptions): string => `${sessionCookieName(options)}-sign-on`

/** Sets the cookies of a single sign-on, and returns the answer. */
export function setSignOnCookies<Answer>(
    options: CookieOptions,
    reply: FastifyReply,
    { answer, cookie, session }: SignOnAnswer<Answer>,
): Answer {
    if (session !== null) setSessionCookie(options, reply, session)
    // Fastify sends each value as a header of its own.
    reply.header(
        "set-cookie",
        formatCookie({ name: signOnCookieName(options), ...cookie, isSecure: options.secureCookies }),
    )
    return answer
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
