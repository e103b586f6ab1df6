/** The partners' portal: maps addresses to screens. Each screen is loaded when it is first opened. */
import { type RouteComponent, createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { Access } from "./kit/access.tsx"
import { SignIn } from "./kit/app.tsx"
import { InReach, SignedInFrame } from "./portal/frame.tsx"
import { useMe } from "./portal/viewer.ts"
import { NothingHere } from "./portal/warnings/nothing-here.tsx"

type Screen = () => React.ReactNode

const lazily = (load: () => Promise<Screen>) => lazyRouteComponent(async () => ({ default: await load() }))

const root = createRootRoute({ notFoundComponent: Nowhere })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

/** A page that needs no sign-in. */
const open = (path: string, component: RouteComponent) => createRoute({ getParentRoute: () => root, path, component })

const at = (path: string, load: () => Promise<Screen>) =>
    createRoute({ getParentRoute: () => signedIn, path, component: lazily(load) })

function Nowhere() {
    return (
        <SignedInFrame>
            <NothingHere />
        </SignedInFrame>
    )
}

/** A page for partners with access to cases. */
const inReach = (path: string, load: () => Promise<Screen>) =>
    at(path, async () => {
        const Content = await load()
        return () => (
            <InReach>
                <Content />
            </InReach>
        )
    })

function OwnAccess() {
    const { name } = useMe().person
    return <Access name={name} otherwise="Without a link, ask your lead for one. A lead asks the operator." />
}

const outside = [
    open("/sign-in", SignIn),
    open(
        "/apply",
        lazily(async () => (await import("./portal/onboarding/apply.tsx")).Apply),
    ),
    open(
        "/application",
        lazily(async () => (await import("./portal/onboarding/application.tsx")).ApplicationScreen),
    ),
    open(
        "/invitation",
        lazily(async () => (await import("./portal/warnings/invitation.tsx")).InvitationScreen),
    ),
]

const screens = [
    inReach("/", async () => (await import("./portal/warnings/warnings.tsx")).Warnings),
    inReach("/warnings/$id", async () => {
        const { WarningScreen } = await import("./portal/warnings/warning.tsx")
        return () => <WarningScreen id={useParam("id")} />
    }),
    inReach("/to-do/embargoes", async () => (await import("./portal/warnings/embargoes.tsx")).Embargoes),
    at("/to-do", async () => (await import("./portal/organisation/requirements.tsx")).DuesScreen),
    at("/receipts", async () => (await import("./portal/messages/receipts.tsx")).ReceiptsScreen),
    at("/messages", async () => (await import("./portal/messages/letters.tsx")).LettersScreen),
    at("/messages/questions", async () => (await import("./portal/messages/questions.tsx")).QuestionsScreen),
    at("/organisation", async () => (await import("./portal/organisation/organisation.tsx")).Organisation),
    at("/organisation/webhooks", async () => (await import("./portal/organisation/webhooks.tsx")).WebhooksScreen),
    at("/organisation/access", async () => OwnAccess),
]

export const portalTree = root.addChildren([...outside, signedIn.addChildren(screens)])
