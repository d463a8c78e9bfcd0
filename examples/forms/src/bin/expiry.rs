//! See the module `expiry` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::expiry::app().await?).await;
    Ok(())
}
