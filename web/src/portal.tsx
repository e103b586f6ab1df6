/** The partners' portal: maps addresses to screens. */
import { createRootRoute, createRoute } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { Access } from "./kit/access.tsx"
import { SignIn } from "./kit/app.tsx"
import { ApplicationScreen } from "./portal/onboarding/application.tsx"
import { Apply } from "./portal/onboarding/apply.tsx"
import { DuesScreen } from "./portal/organisation/requirements.tsx"
import { Embargoes } from "./portal/warnings/embargoes.tsx"
import { InReach, SignedInFrame } from "./portal/frame.tsx"
import { InvitationScreen } from "./portal/warnings/invitation.tsx"
import { LettersScreen } from "./portal/messages/letters.tsx"
import { QuestionsScreen } from "./portal/messages/questions.tsx"
import { Organisation } from "./portal/organisation/organisation.tsx"
import { ReceiptsScreen } from "./portal/messages/receipts.tsx"
import { NothingHere, WarningScreen } from "./portal/warnings/warning.tsx"
import { useMe } from "./portal/viewer.ts"
import { WebhooksScreen } from "./portal/organisation/webhooks.tsx"
import { Warnings } from "./portal/warnings/warnings.tsx"

const root = createRootRoute({ notFoundComponent: Nowhere })
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn })
const apply = createRoute({ getParentRoute: () => root, path: "/apply", component: Apply })
const application = createRoute({ getParentRoute: () => root, path: "/application", component: ApplicationScreen })
const invitation = createRoute({ getParentRoute: () => root, path: "/invitation", component: InvitationScreen })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => signedIn, path, component })

function Nowhere() {
    return (
        <SignedInFrame>
            <NothingHere />
        </SignedInFrame>
    )
}

const inReach = (path: string, Screen: () => React.ReactNode) =>
    at(path, () => (
        <InReach>
            <Screen />
        </InReach>
    ))

function OwnAccess() {
    const { name } = useMe().person
    return <Access name={name} otherwise="Without a link, ask your lead for one. A lead asks the operator." />
}

const OneWarning = () => <WarningScreen id={useParam("id")} />

const screens = [
    inReach("/", Warnings),
    inReach("/warnings/$id", OneWarning),
    inReach("/to-do/embargoes", Embargoes),
    at("/receipts", ReceiptsScreen),
    at("/messages", LettersScreen),
    at("/messages/questions", QuestionsScreen),
    at("/to-do", DuesScreen),
    at("/organisation", Organisation),
    at("/organisation/webhooks", WebhooksScreen),
    at("/organisation/access", OwnAccess),
]

export const portalTree = root.addChildren([signIn, apply, application, invitation, signedIn.addChildren(screens)])
