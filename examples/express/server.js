const express = require('express')

const whatsapp = require('./whatsapp')

const app = express()
app.use(express.json())
app.use('/whatsapp', whatsapp)

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`listening on ${server.address().port}`))
