/** A browser at one of our sides and at a provider of single sign-on. It keeps the cookies of both. */
import type { FastifyInstance } from "fastify"
import type { Side } from "../../../server/src/kernel/route.ts"
import { visitProvider } from "./identity-provider.ts"

interface Answer {
    /** The refusal, or "done". */
    readonly code: string
    readonly address?: string
    readonly returnTo?: string
    readonly roles?: string[]
    readonly providers?: { readonly id: string; readonly connectedAt: string | null }[]
}

export class SignOnVisitor {
    readonly side: Side
    readonly cookies = new Map<string, string>()
    readonly atProvider = new Map<string, string>()
    readonly #app: FastifyInstance

    constructor(side: Side, app: FastifyInstance) {
        this.side = side
        this.#app = app
    }

    async ask(method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<Answer> {
        const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
        const answer = await this.#app.inject({ method, url, headers: { cookie }, ...(payload && { payload }) })
        for (const { name, value, httpOnly, secure, sameSite, path } of answer.cookies) {
            const isOwn = name.startsWith("__Host-") && httpOnly && secure && sameSite === "Strict" && path === "/"
            if (!isOwn) throw new Error(`the cookie ${name} is not bound to its host`)
            if (value === "") this.cookies.delete(name)
            else this.cookies.set(name, value)
        }
        return { code: "done", ...answer.json<object>() }
    }

    /** Begins, visits the provider, and returns the query with which it sends the browser back. */
    async begin(provider: string, path = "/api/session/sso/start", more: object = {}): Promise<string> {
        const { address, code } = await this.ask("POST", path, { provider, returnTo: "/cases?a=1", ...more })
        if (address === undefined) throw new Error(code)
        const back = await visitProvider(address, this.atProvider)
        const page = `${back.origin}${back.pathname}`
        if (page !== `https://${this.side}.example/sso/${provider}`) throw new Error(`the provider opens ${page}`)
        return back.search
    }

    finish = (provider: string, query: string) => this.ask("POST", "/api/session/sso", { provider, query })

    async signIn(provider: string): Promise<Answer> {
        return await this.finish(provider, await this.begin(provider))
    }
}
