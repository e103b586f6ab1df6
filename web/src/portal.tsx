/** The partners' portal: maps addresses to screens. Each screen is loaded when it is first opened. */
import { type RouteComponent, createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { SignIn, SignOn } from "./kit/sign-in/sign-in.tsx"
import { IfCaseAccess, SignedInFrame, Stranger } from "./portal/frame.tsx"
import { NoAccess } from "./portal/warnings/no-access.tsx"

type Screen = () => React.ReactNode

const lazily = (load: () => Promise<Screen>) => lazyRouteComponent(async () => ({ default: await load() }))

const root = createRootRoute({ notFoundComponent: NotFound })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

/** A page that needs no sign-in. */
const open = (path: string, component: RouteComponent) => createRoute({ getParentRoute: () => root, path, component })

const at = (path: string, load: () => Promise<Screen>) =>
    createRoute({ getParentRoute: () => signedIn, path, component: lazily(load) })

function NotFound() {
    return (
        <SignedInFrame>
            <NoAccess />
        </SignedInFrame>
    )
}

/** A page for partners with access to cases. */
const withCases = (path: string, load: () => Promise<Screen>) =>
    at(path, async () => {
        const Content = await load()
        return () => (
            <IfCaseAccess>
                <Content />
            </IfCaseAccess>
        )
    })

const ofWarning = (path: string, load: () => Promise<(props: { id: string }) => React.ReactNode>) =>
    withCases(`/warnings/$id${path}`, async () => {
        const Content = await load()
        return () => <Content id={useParam("id")} />
    })

function SignInScreen() {
    return (
        <SignIn>
            <Stranger />
        </SignIn>
    )
}

const warning = () => import("./portal/warnings/warning.tsx")
const organisation = () => import("./portal/organisation/organisation.tsx")

const outside = [
    open("/sign-in", SignInScreen),
    open("/sso/$provider", SignOn),
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
        lazily(async () => (await import("./portal/embargoes/invitation.tsx")).InvitationScreen),
    ),
]

const published = ["/advisories/$", "/annual-reports/$"].map((path) =>
    open(
        path,
        lazily(async () => (await import("./portal/onboarding/no-public-page.tsx")).NoPublicPage),
    ),
)

const screens = [
    withCases("/", async () => (await import("./portal/warnings/warnings.tsx")).Warnings),
    ofWarning("", async () => (await warning()).WarningOverview),
    ofWarning("/reports", async () => (await warning()).WarningReports),
    ofWarning("/questions", async () => (await warning()).WarningQuestionsTab),
    ofWarning("/access", async () => (await warning()).WarningAccess),
    at("/to-do", async () => (await import("./portal/to-do/to-do.tsx")).ToDo),
    withCases("/to-do/embargoes", async () => (await import("./portal/embargoes/embargoes.tsx")).Embargoes),
    at("/messages", async () => (await import("./portal/messages/letters.tsx")).Letters),
    at("/messages/questions", async () => (await import("./portal/messages/questions.tsx")).Questions),
    withCases("/messages/asked", async () => (await import("./portal/messages/own-questions.tsx")).OwnQuestions),
    at("/receipts", async () => (await import("./portal/messages/receipts.tsx")).Receipts),
    at("/organisation", async () => (await organisation()).Organisation),
    at("/organisation/people", async () => (await import("./portal/organisation/people.tsx")).People),
    at("/organisation/keys", async () => (await import("./portal/organisation/keys-page.tsx")).KeysPage),
    at("/organisation/machines", async () => (await import("./portal/organisation/webhooks.tsx")).Machines),
    at("/organisation/agreement", async () => (await import("./portal/organisation/agreement.tsx")).AgreementPage),
    at("/organisation/notices", async () => (await import("./portal/organisation/notice-filter.tsx")).NoticesPage),
    at("/organisation/duties", async () => (await organisation()).ReportingDuties),
    at("/organisation/access", async () => (await import("./portal/organisation/own-access.tsx")).OwnAccess),
]

export const portalTree = root.addChildren([...outside, ...published, signedIn.addChildren(screens)])
