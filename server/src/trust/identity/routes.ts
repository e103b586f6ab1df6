/** Serves sign-in, sign-out, tokens and staff. Actions on staff that need two people are routes of approvals. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Side, SignedIn, SignedOut } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import {
    endOwnToken,
    endPerson,
    issueCredential,
    ownTokens,
    personById,
    personsOf,
    renewLink,
    signIn,
    signOut,
} from "./actions.ts"
import { type Person, isOperatorRole, lifetimeMs } from "./person.ts"
import { byId, closed } from "../../kernel/schemas.ts"
import {
    deleteTokenParams,
    draftKeyAnswer,
    meAnswer,
    newSignInLinkAnswer,
    newTokenAnswer,
    secret,
    staffAnswer,
    staffNamesAnswer,
    tokensAnswer,
} from "./schemas.ts"

/** AES-256. */
const draftKeyBytes = 32

function presented(person: Person) {
    return {
        id: person.id,
        name: person.name,
        mail: person.mail,
        roles: person.roles.filter(isOperatorRole),
        left: person.leftAt !== null,
    }
}

function signInOn(side: Side) {
    const does = "Turns the secret of a sign-in link into a session"
    const body = Type.Object({ secret }, closed)
    return route(
        { method: "POST", path: "/api/session", side, permission: "public", summary: does, body },
        async (ask) => {
            return new SignedIn(await signIn(ask, side, ask.body.secret), lifetimeMs.session / 1000)
        },
    )
}

async function validateOperators(ctx: ActionContext, id: string): Promise<Person> {
    const person = await personById(ctx, id)
    if (!person || person.partner !== null)
        refuse("missing", "identity.person_not_found", "no staff member with this id")
    return person
}

export const routes = [
    signInOn("console"),
    signInOn("portal"),
    route(
        { method: "DELETE", path: "/api/session", side: "both", permission: "self:read", summary: "Ends the session" },
        async (ask) => {
            if (ask.credential) await signOut(ask, ask.credential)
            return new SignedOut()
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/session/draft-key",
            side: "both",
            permission: "self:read",
            summary:
                "The key of whoever asks, for what a browser keeps of unsent text; it is the same in every session",
            answer: draftKeyAnswer,
        },
        async (ask) => {
            const person = personOf(ask.actor) ?? ""
            const key = ask.services.keys.derive(`drafts:${person}`, draftKeyBytes).toString("base64")
            return { person, key }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/me",
            side: "console",
            permission: "self:read",
            summary: "Who is signed in; the program's time, and where partners reach the portal",
            answer: meAnswer,
        },
        async (ask) => {
            const me = await validateOperators(ask, personOf(ask.actor) ?? "")
            const { clock, portalOrigin: portal } = ask.services
            return { ...presented(me), now: formatInstant(ask.now), clockIsMoved: clock.isMoved === true, portal }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/staff",
            side: "console",
            permission: "staff:read",
            summary: "The operator's persons",
            answer: staffAnswer,
        },
        async (ask) => {
            const persons = await personsOf(ask, null)
            return { persons: persons.map((person) => ({ ...presented(person), addedBy: person.addedBy })) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/staff-names",
            side: "console",
            permission: "staff_name:read",
            summary: "Names and roles of the operator's persons, those who have left too",
            answer: staffNamesAnswer,
        },
        async (ask) => {
            const colleagues = (await personsOf(ask, null)).map(presented)
            return { colleagues: colleagues.map(({ mail: _, ...rest }) => rest) }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/staff/{id}",
            side: "console",
            permission: "staff:write",
            summary: "A person of the operator leaves, and loses every credential",
            params: byId,
        },
        async (ask) => {
            const person = await validateOperators(ask, ask.params.id)
            await endPerson(ask, person.id)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/tokens",
            side: "both",
            permission: "self:read",
            summary: "A bearer token for one's own programs, shown once",
            creates: true,
            answer: newTokenAnswer,
        },
        async (ask) => ({ token: await issueCredential(ask, personOf(ask.actor) ?? "", "token") }),
    ),
    route(
        {
            method: "GET",
            path: "/api/tokens",
            side: "both",
            permission: "self:read",
            summary: "One's own tokens that are good; of none its secret",
            answer: tokensAnswer,
        },
        async (ask) => ({
            tokens: (await ownTokens(ask)).map(({ id, createdAt, expiresAt }) => ({
                ...{ id, createdAt: formatInstant(createdAt), expiresAt: formatInstant(expiresAt) },
            })),
        }),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/tokens/{id}",
            side: "both",
            permission: "self:read",
            summary: "Ends one of one's own tokens",
            params: deleteTokenParams,
        },
        async (ask) => {
            await endOwnToken(ask, ask.params.id)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/sign-in-links",
            side: "both",
            permission: "self:read",
            summary: "A sign-in link for oneself and the next time, shown once; the one before ends, if it is unused",
            answer: newSignInLinkAnswer,
        },
        async (ask) => ({ link: await renewLink(ask, personOf(ask.actor) ?? "") }),
    ),
]
