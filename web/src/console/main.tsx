/** Starts the console in the browser. */
import { createRouter } from "@tanstack/react-router"
import { consoleTree } from "../console.tsx"
import { start } from "../kit/app.tsx"

start(createRouter({ routeTree: consoleTree, defaultPreload: "intent" }))
