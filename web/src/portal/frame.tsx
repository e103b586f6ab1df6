/** The frame of every portal screen. Without case access, it shows letters and the partner's status only. */
import { type ReactNode, Suspense, lazy } from "react"
import { Link, Outlet, useNavigate } from "@tanstack/react-router"
import { isOnboarding, hasCaseAccess } from "../../../server/src/trust/partners/partner.ts"
import { SignedOut, isSignedOut, signOut, useLive } from "../kit/app.tsx"
import { Avatar, Frame, type NavItem } from "../kit/layout/frame.tsx"
import { ActionMenu } from "../kit/layout/menu.tsx"
import { useRead } from "./api.ts"
import { Loaded, Notice } from "../kit/notice.tsx"
import type { Me } from "./answers.ts"
import { dueNames } from "./organisation/requirement-text.ts"
import { isOpen } from "./warnings/embargoes.tsx"
import type { Letter } from "./answers.ts"
import { Viewer, useConsents, useDues, useLetters, useMe, useQuestions } from "./viewer.ts"
import { DraftKeeper } from "../kit/draft-scope.tsx"

/** Without children: shows the screen of the address. */
export function SignedInFrame({ children = <Outlet /> }: { children?: ReactNode }) {
    const me = useRead("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <Stranger />
    return (
        <Loaded query={me}>
            {(viewer) => (
                <Viewer value={viewer}>
                    <Signed viewer={viewer}>{children}</Signed>
                </Viewer>
            )}
        </Loaded>
    )
}

function Stranger() {
    return (
        <SignedOut>
            <p>
                No partner yet? <Link to="/apply">Apply to become one</Link>, or{" "}
                <Link to="/application">ask for the answer</Link> to your application. Asked to keep an embargo?{" "}
                <Link to="/invitation">Open your invitation</Link>.
            </p>
        </SignedOut>
    )
}

function waitsForUs({ answer, procedure }: Letter): boolean {
    return procedure === null ? answer === null : procedure.mayAnswer || procedure.mayAppeal
}

const Letters = lazy(async () => ({ default: (await import("./messages/letters.tsx")).LettersScreen }))
const Organisation = lazy(async () => ({
    default: (await import("./organisation/organisation.tsx")).Organisation,
}))

/** Shows letters to partners without case access, and the next steps during onboarding. */
export function InReach({ children }: { children: ReactNode }) {
    const { status } = useMe().partner
    if (hasCaseAccess(status)) return children
    return <Suspense fallback={null}>{isOnboarding(status) ? <Organisation /> : <Letters />}</Suspense>
}

function useNav({ partner, person }: Me): NavItem[] {
    const letters = useLetters().data?.letters ?? []
    const unanswered = letters.filter((letter) => letter.about.endedAt === null && waitsForUs(letter)).length
    const questions = useQuestions().data?.questions.filter(({ state }) => state === "open").length ?? 0
    const consents = useConsents().data
    const open = consents?.invitations.filter((invitation) => isOpen(invitation, consents.now)).length ?? 0
    const owed = useDues().data?.requirements.filter((requirement) => requirement.state !== "met").length ?? 0
    const isLead = person.roles.includes("lead")
    const mayReadCases = hasCaseAccess(partner.status)
    const toDo = { to: "/to-do", name: "Requirements", count: owed }
    const embargoes = { to: "/to-do/embargoes", name: "Embargoes", count: open }
    const letterTab = { to: "/messages", name: "Letters", count: unanswered }
    return [
        ...(mayReadCases ? [{ to: "/", name: "Warnings", icon: "inbox" as const, under: ["/warnings"] }] : []),
        {
            to: "/to-do",
            name: "To do",
            icon: "check",
            count: owed + (mayReadCases ? open : 0),
            ...(mayReadCases && { tabs: [toDo, embargoes] }),
        },
        {
            to: "/messages",
            name: "Messages",
            icon: "message",
            count: unanswered + (isLead ? questions : 0),
            ...(isLead && { tabs: [letterTab, { to: "/messages/questions", name: "Questions", count: questions }] }),
        },
        { to: "/receipts", name: "Receipts", icon: "log" },
        {
            to: "/organisation",
            name: "Organisation",
            icon: "building",
            tabs: [
                { to: "/organisation", name: "Overview" },
                ...(isLead ? [{ to: "/organisation/webhooks", name: "Webhooks" }] : []),
                { to: "/organisation/access", name: "Your access" },
            ],
        },
    ]
}

function Signed({ viewer, children }: { viewer: Me; children: ReactNode }) {
    const nav = useNav(viewer)
    return (
        <Frame
            brand={
                <>
                    Tocsin <small>Early warnings</small>
                </>
            }
            nav={nav}
            person={<PersonMenu viewer={viewer} />}
            bar={null}
            bands={<Standing subject={viewer} />}
        >
            <DraftKeeper>{children}</DraftKeeper>
        </Frame>
    )
}

function PersonMenu({ viewer: { partner, person } }: { viewer: Me }) {
    const navigate = useNavigate()
    return (
        <ActionMenu
            label={`${partner.name} ${person.name}, ${person.roles.join(", ")}: your account`}
            className="person"
            actions={[
                { id: "access", name: "Your access", onAction: () => void navigate({ to: "/organisation/access" }) },
                { id: "out", name: "Sign out", onAction: () => void signOut(person.id) },
            ]}
        >
            <Avatar name={partner.name} />
            <span className="label-text clip">
                {partner.name}{" "}
                <small>
                    {person.name}, {person.roles.join(", ")}
                </small>
            </span>
        </ActionMenu>
    )
}

function Standing({ subject: { partner } }: { subject: Me }) {
    if (isOnboarding(partner.status)) {
        return (
            <Notice tone="due">
                <span>
                    Your organisation is <strong>{partner.status}</strong>, and not in yet. A lead registers a key and
                    accepts the agreement under <Link to="/organisation">Organisation</Link>; two persons of the program
                    then let you in.
                </span>
            </Notice>
        )
    }
    if (!hasCaseAccess(partner.status)) {
        return (
            <Notice tone="bad">
                <span>
                    Your organisation is <strong>{partner.status}</strong>: warnings are not within reach now. Your
                    letters, your answers and your own status are.
                </span>
            </Notice>
        )
    }
    if (partner.agreement !== "accepted") {
        return (
            <Notice tone="due">
                <span>
                    The agreement is {partner.agreement === "expired" ? "expired" : "not accepted yet"}: content waits
                    until your lead accepts its newest version under <Link to="/organisation">Organisation</Link>.
                </span>
            </Notice>
        )
    }
    if (partner.overdue.length > 0) {
        return (
            <Notice tone="due">
                <span>
                    Overdue: {partner.overdue.map((kind) => dueNames[kind]).join("; ")}. Content waits until it is
                    given, and is back then by itself: see <Link to="/to-do">To do</Link>.
                </span>
            </Notice>
        )
    }
    return null
}
