// A small coffee shop that does not exist, to try things with: each is a body for `POST /api/products`.
import type { z } from 'zod'

import type { NewProduct } from './api'

export const sampleProducts: z.input<typeof NewProduct>[] = [
  { code: 'CAFE-250', name: 'Café Quebrada Clara, molido, 250 g', description: 'Tueste medio, con notas de panela y naranja.', price: 24_000, currency: 'COP' },
  { code: 'CAFE-500', name: 'Café Quebrada Clara, en grano, 500 g', description: 'Tueste medio, con notas de panela y naranja.', price: 43_000, currency: 'COP' },
  { code: 'DESCAF-250', name: 'Café descafeinado, molido, 250 g', description: 'Descafeinado con agua, tueste suave.', price: 29_000, currency: 'COP' },
  { code: 'CHOCO-200', name: 'Chocolate de mesa, 70 % cacao, 200 g', description: 'Cuatro pastillas, sin azúcar añadido.', price: 18_500, currency: 'COP' },
  { code: 'GALLETAS', name: 'Galletas de avena, 12 unidades', description: 'Horneadas cada mañana, con uvas pasas.', price: 15_000, currency: 'COP' },
  { code: 'FILTRO-100', name: 'Filtros de papel, 100 unidades', description: 'Para goteo y vertido a mano, tamaño 2.', price: 12_900, currency: 'COP' },
  { code: 'PRENSA-350', name: 'Prensa francesa de vidrio, 350 ml', description: 'Para dos tazas de café.', price: 68_000, currency: 'COP', available: false },
]
