/** Serves sign-in, sign-out and staff. Actions on staff that need two people are routes of approvals. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Side, SignInAnswer, SignOutAnswer } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import { endPresentedSession, renewSignInLink, signIn, signOut } from "./actions/sign-in.ts"
import { cancelRecovery, findCallerRecovery, loadStaffLinks } from "./account-mail/actions/send-sign-in-link.ts"
import { removePerson } from "./actions/manage-people.ts"
import { type CredentialUse, findPerson, listPeople, loadCredentialUse } from "./actions/load-people.ts"
import { countStaffPasskeys } from "./passkeys/actions/manage-passkeys.ts"
import { type Person, isOperatorRole, lifetimeMs } from "./person.ts"
import { byId, closed } from "../../kernel/schemas.ts"
import {
    draftKeyAnswer,
    meAnswer,
    newSignInLinkAnswer,
    recoveryAnswer,
    removedPersonAnswer,
    secret,
    staffAnswer,
    staffNamesAnswer,
} from "./schemas.ts"

/** AES-256. */
const draftKeyBytes = 32

function presentPerson(person: Person) {
    return {
        id: person.id,
        name: person.name,
        mail: person.mail,
        roles: person.roles.filter(isOperatorRole),
        left: person.leftAt !== null,
    }
}

const instantOrNull = (at: Instant | null | undefined): string | null => (at ? formatInstant(at) : null)

function presentUse(use: CredentialUse | undefined) {
    return {
        sessions: use?.sessions ?? 0,
        tokens: use?.tokens ?? 0,
        lastSignInAt: instantOrNull(use?.lastSignInAt),
        linkUntil: instantOrNull(use?.linkUntil),
    }
}

function signInRoute(side: Side) {
    const summary = "Turns the secret of a sign-in link into a session"
    const body = Type.Object(
        {
            secret,
            /** Whether the link may replace the session of another person in this browser. */
            replacesSession: Type.Optional(Type.Boolean()),
        },
        closed,
    )
    return route({ method: "POST", path: "/api/session", side, permission: "public", summary, body }, async (ctx) => {
        const { credential, body: sent } = ctx
        const session = await signIn(ctx, side, sent.secret, { credential, isReplaced: sent.replacesSession ?? false })
        await endPresentedSession(ctx, ctx.credential)
        return new SignInAnswer(session, lifetimeMs.session / 1000)
    })
}

async function loadStaffMember(ctx: ActionContext, id: string): Promise<Person> {
    const person = await findPerson(ctx, id)
    if (!person || person.partner !== null)
        refuse("missing", "identity.person_not_found", "no staff member with this id")
    return person
}

export const routes = [
    signInRoute("console"),
    signInRoute("portal"),
    route(
        { method: "DELETE", path: "/api/session", side: "both", permission: "self:read", summary: "Ends the session" },
        async (ctx) => {
            if (ctx.credential) await signOut(ctx, ctx.credential)
            return new SignOutAnswer()
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/recovery",
            side: "both",
            permission: "self:read",
            summary: "Returns when a requested sign-in link is mailed to the caller and ends earlier sign-ins",
            answer: recoveryAnswer,
        },
        async (ctx) => {
            const at = await findCallerRecovery(ctx)
            return { linkAt: at === null ? null : formatInstant(at) }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/recovery",
            side: "both",
            permission: "self:read",
            summary: "Cancels the new sign-in link that was requested for the caller",
        },
        async (ctx) => {
            await cancelRecovery(ctx, ctx.credential)
            return {}
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/session/draft-key",
            side: "both",
            permission: "self:read",
            summary: "Returns the caller's key for unsent text in the browser; it is the same in every session",
            answer: draftKeyAnswer,
        },
        async (ctx) => {
            const person = personOf(ctx.actor) ?? ""
            const key = ctx.services.keys.derive(`drafts:${person}`, draftKeyBytes).toString("base64")
            return { person, key }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/me",
            side: "console",
            permission: "self:read",
            scope: "poll",
            summary: "Returns who is signed in, the program time, and the portal's address",
            answer: meAnswer,
        },
        async (ctx) => {
            const me = await loadStaffMember(ctx, personOf(ctx.actor) ?? "")
            const { clock, portalOrigin: portal, signsWithPasskeys } = ctx.services
            const clockIsMoved = clock.isMovable === true
            const roles = ctx.actor.kind === "operator" ? [...ctx.actor.roles] : []
            return { ...presentPerson(me), roles, now: formatInstant(ctx.now), clockIsMoved, signsWithPasskeys, portal }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/staff",
            side: "console",
            permission: "staff:read",
            summary: "Lists the staff, and how each signs in",
            answer: staffAnswer,
        },
        async (ctx) => {
            const people = await listPeople(ctx, null)
            const [use, passkeys] = [await loadCredentialUse(ctx), await countStaffPasskeys(ctx)]
            const links = await loadStaffLinks(ctx)
            return {
                people: people.map((person) => ({
                    ...presentPerson(person),
                    ...presentUse(use.get(person.id)),
                    linkMail: links.get(person.id)?.state ?? null,
                    linkMailAt: instantOrNull(links.get(person.id)?.at),
                    passkeys: passkeys.get(person.id) ?? 0,
                    addedBy: person.addedBy,
                })),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/staff-names",
            side: "console",
            permission: "staff_name:read",
            summary: "Lists names and roles of the staff, including people who left",
            answer: staffNamesAnswer,
        },
        async (ctx) => {
            const people = (await listPeople(ctx, null)).map(presentPerson)
            return { people: people.map(({ mail: _, ...rest }) => rest) }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/staff/{id}",
            side: "console",
            permission: "staff:write",
            summary: "Removes a staff member, ends all credentials of that person, and returns how many",
            params: byId,
            answer: removedPersonAnswer,
        },
        async (ctx) => {
            const person = await loadStaffMember(ctx, ctx.params.id)
            return { ended: await removePerson(ctx, person.id) }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/sign-in-links",
            side: "both",
            permission: "self:read",
            summary: "Issues a sign-in link for the caller, shown once; the earlier unused link ends",
            answer: newSignInLinkAnswer,
        },
        async (ctx) => ({ link: await renewSignInLink(ctx, personOf(ctx.actor) ?? "", ctx.credential) }),
    ),
]
